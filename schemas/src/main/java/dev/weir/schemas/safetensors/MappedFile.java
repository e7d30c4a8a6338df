package dev.weir.schemas.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file of any length, mapped read-only. A map has 2 GiB at most, so there is one every GiB, each reaching over the
 * next: any range of 1 GiB lies in one of them. Maps take address space, not memory.
 */
final class MappedFile {

    /** Bytes of a range at most. */
    static final int MAX_RANGE = 1 << 30;

    /** Bytes of a file at most: address space has room for maps of a few of that size. */
    static final long MAX_FILE = 1L << 44;

    private final long size;
    private final ByteBuffer[] windows;

    private MappedFile(long size, ByteBuffer[] windows) {
        this.size = size;
        this.windows = windows;
    }

    static MappedFile open(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size > MAX_FILE) {
                throw new SafetensorsException(
                        file, null, 0, "the file has " + size + " bytes, at most " + MAX_FILE + " are allowed");
            }
            ByteBuffer[] windows = new ByteBuffer[(int) (size / MAX_RANGE) + 1];
            for (int i = 0; i < windows.length; i++) {
                long start = (long) i * MAX_RANGE;
                windows[i] =
                        channel.map(FileChannel.MapMode.READ_ONLY, start, Math.min(size - start, Integer.MAX_VALUE));
            }
            return new MappedFile(size, windows);
        } catch (IOException e) {
            throw new SafetensorsException(file, null, 0, "cannot be read: " + e, e);
        }
    }

    long size() {
        return size;
    }

    /** A read-only slice, big-endian as every new buffer; the range must lie in the file. */
    ByteBuffer slice(long offset, int length) {
        int window = (int) (offset / MAX_RANGE);
        return windows[window].slice((int) (offset % MAX_RANGE), length);
    }
}
