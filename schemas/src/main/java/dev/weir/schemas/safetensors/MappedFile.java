package dev.weir.schemas.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file of any length, mapped read-only. A map has 2 GiB at most, so there is one every GiB, each reaching over the
 * next: any range of 1 GiB lies in one of them. Maps take address space, not memory. Thread-safe.
 */
final class MappedFile implements AutoCloseable {

    /** Bytes of a range at most. */
    static final int MAX_RANGE = 1 << 30;

    /** Bytes of a file at most: address space has room for maps of a few of that size. */
    static final long MAX_FILE = 1L << 44;

    private final FileChannel channel;
    private final long size;
    private final ByteBuffer[] windows;

    private MappedFile(FileChannel channel, long size, ByteBuffer[] windows) {
        this.channel = channel;
        this.size = size;
        this.windows = windows;
    }

    static MappedFile open(Path file) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            try {
                return map(file, channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new SafetensorsException(file, null, 0, "cannot be read: " + e, e);
        }
    }

    private static MappedFile map(Path file, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size > MAX_FILE) {
            throw new SafetensorsException(
                    file, null, 0, "the file has " + size + " bytes, at most " + MAX_FILE + " are allowed");
        }
        ByteBuffer[] windows = new ByteBuffer[(int) (size / MAX_RANGE) + 1];
        for (int i = 0; i < windows.length; i++) {
            long start = (long) i * MAX_RANGE;
            windows[i] = channel.map(FileChannel.MapMode.READ_ONLY, start, Math.min(size - start, Integer.MAX_VALUE));
        }
        return new MappedFile(channel, size, windows);
    }

    long size() {
        return size;
    }

    /** A read-only slice, big-endian as every new buffer; the range must lie in the file. */
    ByteBuffer slice(long offset, int length) {
        int window = (int) (offset / MAX_RANGE);
        return windows[window].slice((int) (offset % MAX_RANGE), length);
    }

    /** Fills the rest of a buffer from that byte on, past the map. */
    void read(long offset, ByteBuffer into) throws IOException {
        long position = offset;
        while (into.hasRemaining()) {
            int count = channel.read(into, position);
            if (count < 0) {
                throw new EOFException(
                        "the file ends at byte " + position + ", it had " + size + " when it was opened");
            }
            position += count;
        }
    }

    /** Ends {@link #read}; slices stay valid. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
