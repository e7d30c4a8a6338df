package dev.weir.cli.merge;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The states of all chunks on disk, for folds of which memory holds a chunk at a time. Goes when it is closed. Thread-safe. */
final class StateFile implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    /** Of each chunk its first byte, and behind the last the bytes of all. */
    private final long[] starts;

    /**
     * @param output the file lies beside it, hidden
     * @param starts of each chunk its first byte, and behind the last the bytes of all
     * @throws UncheckedIOException if it cannot be created
     */
    StateFile(Path output, long[] starts) {
        this.path = Beside.of(output, "state");
        this.starts = starts;
        try {
            this.channel = FileChannel.open(
                    path,
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be created", e);
        }
    }

    /** Fills the state of a chunk. */
    void read(int chunk, MemorySegment state) {
        ByteBuffer into = state.asByteBuffer();
        try {
            while (into.hasRemaining()) {
                if (channel.read(into, starts[chunk] + into.position()) < 0) {
                    throw new EOFException("it ends before chunk " + chunk);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Puts the state of a chunk by. */
    void write(int chunk, MemorySegment state) {
        ByteBuffer from = state.asByteBuffer();
        try {
            while (from.hasRemaining()) {
                channel.write(from, starts[chunk] + from.position());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    path + " cannot be written: " + e.getMessage() + "; it holds the average so far, "
                            + starts[starts.length - 1] + " bytes; write the output where there is room for both",
                    e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be deleted", e);
        }
    }
}
