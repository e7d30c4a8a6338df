package dev.weir.schemas.safetensors;

import dev.weir.schemas.tensor.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a model as one safetensors file in canonical form, so that equal weights give equal bytes. The file appears
 * under its name when it is complete and on disk, replacing what was there; until then it is a hidden sibling, which
 * goes if writing fails or is abandoned. Not thread-safe.
 */
public final class SafetensorsWriter implements AutoCloseable {

    private final Path path;
    private final Path temporary;
    private final Layout layout;
    private final FileChannel channel;
    private int nextChunk;
    private boolean open = true;

    private SafetensorsWriter(Path path, Path temporary, Layout layout, FileChannel channel) {
        this.path = path;
        this.temporary = temporary;
        this.layout = layout;
        this.channel = channel;
    }

    /**
     * Starts a file.
     *
     * @param path where it will lie; the directory must exist
     * @param layout what it will hold, and how it will be handed over
     * @throws UncheckedIOException if it cannot be created
     * @throws IllegalArgumentException if the layout's header would be larger than safetensors allows
     */
    public static SafetensorsWriter create(Path path, Layout layout) {
        byte[] json = CanonicalHeader.of(layout);
        Path target = path.toAbsolutePath();
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        FileChannel channel;
        try {
            channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(temporary + " cannot be created", e);
        }
        SafetensorsWriter writer = new SafetensorsWriter(target, temporary, layout, channel);
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        writer.append(length.putLong(json.length).flip());
        writer.append(ByteBuffer.wrap(json));
        return writer;
    }

    /**
     * Appends the next chunk, from chunk 0 on.
     *
     * @param chunkBytes its little-endian bytes; the position stays where it is
     * @throws IllegalArgumentException if the layout has another size for this chunk, which is not written then
     * @throws IllegalStateException after the last chunk or {@link #close()}
     * @throws UncheckedIOException if it cannot be written; the file is abandoned then
     */
    public void write(ByteBuffer chunkBytes) {
        if (!open) {
            throw new IllegalStateException(path + " is closed");
        }
        layout.checked(nextChunk, chunkBytes);
        append(chunkBytes.duplicate());
        nextChunk++;
    }

    /** Gives the file up: what was written goes, and {@link #close()} does nothing. */
    public void abandon() {
        if (open) {
            open = false;
            try (channel) {
                Files.deleteIfExists(temporary);
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
        if (nextChunk < layout.chunkCount()) {
            abandon();
            throw new IllegalStateException(path + " lacks chunk " + nextChunk + ", the layout has "
                    + layout.chunkCount() + " chunks; the file was abandoned");
        }
        try {
            channel.force(true);
            channel.close();
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
            open = false;
            forceDirectory();
        } catch (IOException e) {
            throw failed("cannot be finished", e);
        }
    }

    private void append(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw failed("cannot be written", e);
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
