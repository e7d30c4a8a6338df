package dev.weir.schemas.safetensors;

import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Writes a model as one safetensors file in canonical form, so that equal weights and metadata give equal bytes. The file appears
 * under its name when it is complete and on disk, replacing what was there; until then it is a hidden sibling, which
 * goes if writing fails or is abandoned, or if the JVM is ended in order meanwhile. Every chunk has its place, so
 * {@link #write(int, ByteBuffer)} may be called by many threads at once and in any order; all else by one.
 */
public final class SafetensorsWriter implements AutoCloseable {

    /** Key of the metadata under which a file names the framework whose order of a tensor's elements it has. */
    public static final String FORMAT = "format";

    /** PyTorch's name, as what Hugging Face's loaders expect: several releases refuse or crash on files without one. */
    public static final String PYTORCH = "pt";

    private final Path path;
    private final Path temporary;
    private final Layout layout;
    private final FileChannel channel;
    /** Byte of the file at which each tensor starts. */
    private final long[] tensorStart;
    /** Numbers of the chunks that were written; the lock of its own content. */
    private final BitSet written = new BitSet();

    private int nextChunk;
    private volatile boolean open = true;

    private SafetensorsWriter(Path path, Path temporary, Layout layout, FileChannel channel, long dataStart) {
        this.path = path;
        this.temporary = temporary;
        this.layout = layout;
        this.channel = channel;
        this.tensorStart = new long[layout.tensors().size()];
        long start = dataStart;
        for (int i = 0; i < tensorStart.length; i++) {
            tensorStart[i] = start;
            start += layout.tensors().get(i).byteSize();
        }
    }

    /**
     * Starts a file whose metadata name {@link #PYTORCH} as {@link #FORMAT}.
     *
     * @param path where it will lie; the directory must exist
     * @param layout what it will hold, and how it will be handed over
     * @throws UncheckedIOException if it cannot be created
     * @throws IllegalArgumentException if the layout's header would be larger than safetensors allows
     */
    public static SafetensorsWriter create(Path path, Layout layout) {
        return create(path, layout, Collections.emptySortedMap());
    }

    /**
     * As {@link #create(Path, Layout)}, with more metadata.
     *
     * @param metadata what the header says beside the tensors, such as their provenance; may name another format
     */
    public static SafetensorsWriter create(Path path, Layout layout, SortedMap<String, String> metadata) {
        SortedMap<String, String> all = new TreeMap<>(metadata);
        all.putIfAbsent(FORMAT, PYTORCH);
        byte[] json = CanonicalHeader.of(layout, all);
        Path target = path.toAbsolutePath();
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        FileChannel channel;
        try {
            UnfinishedFiles.add(temporary);
            channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            UnfinishedFiles.remove(temporary);
            throw new UncheckedIOException(temporary + " cannot be created", e);
        }
        SafetensorsWriter writer =
                new SafetensorsWriter(target, temporary, layout, channel, (long) Long.BYTES + json.length);
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try {
            writer.put(0, length.putLong(json.length).flip());
            writer.put(Long.BYTES, ByteBuffer.wrap(json));
        } catch (UncheckedIOException failed) {
            writer.abandon();
            throw failed;
        }
        return writer;
    }

    /**
     * Writes the next chunk in order, from chunk 0 on; see {@link #write(int, ByteBuffer)}.
     *
     * @throws IllegalStateException after the last chunk or {@link #close()}
     */
    public void write(ByteBuffer chunkBytes) {
        write(nextChunk, chunkBytes);
        nextChunk++;
    }

    /**
     * Writes a chunk in its place.
     *
     * @param number of the chunk in the layout
     * @param chunkBytes its little-endian bytes; the position stays where it is
     * @throws IllegalArgumentException if the layout has another size for this chunk, which is not written then
     * @throws IllegalStateException after {@link #close()}, or if the layout has no such chunk
     * @throws UncheckedIOException if it cannot be written; it may be abandoned then
     */
    public void write(int number, ByteBuffer chunkBytes) {
        if (!open) {
            throw new IllegalStateException(path + " is closed");
        }
        ChunkSpec chunk = layout.checked(number, chunkBytes);
        put(tensorStart[chunk.tensor()] + chunk.tensorByteOffset(), chunkBytes.duplicate());
        synchronized (written) {
            written.set(number);
        }
    }

    /**
     * Waits until what was written so far is on disk, while others go on writing, so that {@link #close()} has less to wait
     * for. Does nothing once the file is closed.
     *
     * @throws UncheckedIOException if the disk fails
     */
    public void flush() {
        try {
            channel.force(false);
        } catch (ClosedChannelException e) {
            // Nothing is left to wait for.
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be written", e);
        }
    }

    /** Gives the file up: what was written goes, and {@link #close()} does nothing. */
    public void abandon() {
        if (open) {
            open = false;
            try (channel) {
                Files.deleteIfExists(temporary);
                UnfinishedFiles.remove(temporary);
            } catch (IOException e) {
                throw new UncheckedIOException(temporary + " cannot be deleted", e);
            }
        }
    }

    /**
     * Finishes the file: forces it to disk and gives it its name. Does nothing the second time.
     *
     * @throws IllegalStateException if chunks are missing; the file is abandoned then
     * @throws UncheckedIOException if it cannot be finished; the file is abandoned then
     */
    @Override
    public void close() {
        if (!open) {
            return;
        }
        int missing;
        synchronized (written) {
            missing = written.nextClearBit(0);
        }
        if (missing < layout.chunkCount()) {
            abandon();
            throw new IllegalStateException(path + " lacks chunk " + missing + ", the layout has " + layout.chunkCount()
                    + " chunks; the file was abandoned");
        }
        try {
            channel.force(true);
            channel.close();
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
            open = false;
            UnfinishedFiles.remove(temporary);
            forceDirectory();
        } catch (IOException e) {
            throw failed("cannot be finished", e);
        }
    }

    private void put(long position, ByteBuffer bytes) {
        try {
            long at = position;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be written", e);
        }
    }

    private UncheckedIOException failed(String what, IOException cause) {
        UncheckedIOException failure = new UncheckedIOException(path + " " + what, cause);
        try {
            abandon();
        } catch (UncheckedIOException e) {
            failure.addSuppressed(e);
        }
        return failure;
    }

    /** Makes the new name durable, where the platform lets a directory be opened. */
    private void forceDirectory() throws IOException {
        Path folder = path.getParent();
        if (folder == null || !Files.getFileStore(folder).supportsFileAttributeView("posix")) {
            return;
        }
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }
}
