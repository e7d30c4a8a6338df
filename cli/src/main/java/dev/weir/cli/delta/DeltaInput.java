package dev.weir.cli.delta;

import dev.weir.cli.WeirException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A delta file that is read from front to back; what is missing or wrong is told with its byte. */
final class DeltaInput implements AutoCloseable {
    private final Path path;
    private final long size;
    private final InputStream bytes;
    private long position;

    private DeltaInput(Path path, long size, InputStream bytes) {
        this.path = path;
        this.size = size;
        this.bytes = bytes;
    }

    static DeltaInput open(Path path) throws IOException {
        try {
            return new DeltaInput(path, Files.size(path), new BufferedInputStream(Files.newInputStream(path), 1 << 16));
        } catch (NoSuchFileException absent) {
            throw new WeirException(path.toString(), "no such file", "", "", absent);
        }
    }

    long position() {
        return position;
    }

    long left() {
        return size - position;
    }

    /** Reads that many bytes; never asks for memory beyond the file's own size. */
    byte[] read(int count, String what) throws IOException {
        if (count > left()) {
            throw problem(position, what + " needs " + count + " bytes, " + left() + " are left", "");
        }
        byte[] read = bytes.readNBytes(count);
        if (read.length < count) {
            throw problem(position, what + " ends early: the file became shorter", "");
        }
        position += count;
        return read;
    }

    WeirException problem(long at, String problem, String allowed) {
        return new WeirException(path + ", byte " + at, problem, allowed, "encode it again with weir encode");
    }

    @Override
    public void close() throws IOException {
        bytes.close();
    }
}
