package dev.weir.cli.delta;

import dev.weir.schemas.safetensors.UnfinishedFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** A file that appears under its name when it is complete and on disk; closed before, or by a signal, it leaves nothing behind. */
final class PartFile implements AutoCloseable {
    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private long position;

    private PartFile(Path target, Path temporary, FileChannel channel) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
    }

    static PartFile create(Path path) throws IOException {
        Path target = path.toAbsolutePath();
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        return new PartFile(
                target,
                UnfinishedFiles.add(temporary),
                FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /** Where it lies until it is complete. */
    Path temporary() {
        return temporary;
    }

    /** Bytes that were appended. */
    long position() {
        return position;
    }

    void append(ByteBuffer bytes) throws IOException {
        int count = bytes.remaining();
        write(bytes, position);
        position += count;
    }

    /** Makes an empty file that long. */
    void resize(long size) throws IOException {
        if (size > 0) {
            write(ByteBuffer.allocate(1), size - 1);
        }
    }

    void write(ByteBuffer bytes, long at) throws IOException {
        ByteBuffer left = bytes.duplicate();
        long to = at;
        while (left.hasRemaining()) {
            to += channel.write(left, to);
        }
    }

    /** Gives it its name. */
    void complete() throws IOException {
        channel.force(true);
        channel.close();
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        UnfinishedFiles.remove(temporary);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(temporary);
        UnfinishedFiles.remove(temporary);
    }
}
