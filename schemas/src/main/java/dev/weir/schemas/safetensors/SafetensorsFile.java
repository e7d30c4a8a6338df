package dev.weir.schemas.safetensors;

import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model on disk, in one safetensors file or several, read through memory maps: nothing is copied, and files may be
 * larger than memory. Everything a header says is checked on opening. Thread-safe. The files must not be truncated
 * while this is open.
 */
public final class SafetensorsFile implements AutoCloseable {

    private static final String MODEL = "model.safetensors";
    private static final String INDEX_SUFFIX = ".safetensors.index.json";

    private final Path path;
    private final Layout layout;
    private final Map<String, String> metadata;
    private final Map<String, Slot> slots;
    /** Those that hold no tensor, too. */
    private final List<MappedFile> files;

    private volatile boolean closed;

    private SafetensorsFile(Path path, Map<String, Slot> slots, Map<String, String> metadata, List<MappedFile> files) {
        this.path = path;
        this.slots = slots;
        this.files = files;
        this.metadata = Collections.unmodifiableMap(metadata);
        try {
            this.layout = Layout.of(slots.values().stream().map(Slot::spec).toList());
        } catch (IllegalArgumentException e) {
            throw new SafetensorsException(path, null, 0, String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Opens a model.
     *
     * @param path a safetensors file, a {@code *.safetensors.index.json} with its shards beside it, or a directory that
     *     holds {@code model.safetensors} or {@code model.safetensors.index.json}
     * @throws SafetensorsException if a file is missing, cannot be read, or is damaged
     */
    public static SafetensorsFile open(Path path) {
        Path model = Files.isDirectory(path) ? modelIn(path) : path;
        Map<String, Slot> slots = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        List<MappedFile> files = new ArrayList<>();
        try {
            if (model.toString().endsWith(INDEX_SUFFIX)) {
                Shards.open(model, slots, metadata, files);
            } else {
                openOne(model, slots, metadata, files);
            }
            return new SafetensorsFile(model, slots, metadata, files);
        } catch (RuntimeException | Error failed) {
            files.forEach(MappedFile::close);
            throw failed;
        }
    }

    /** What the model holds, in chunks of {@link Layout#CHUNK_ELEMENTS}. */
    public Layout layout() {
        return layout;
    }

    /**
     * The bytes of a chunk.
     *
     * @param chunk of {@link #layout()}, or of a layout of the same tensors in chunks of another size
     * @return a read-only slice of the map, little-endian
     * @throws IllegalArgumentException if the model has no such chunk
     * @throws IllegalStateException after {@link #close()}
     */
    public ByteBuffer read(ChunkSpec chunk) {
        if (chunk.tensor() < 0 || chunk.tensor() >= layout.tensors().size()) {
            throw new IllegalArgumentException("chunk " + chunk.index() + " is of tensor number " + chunk.tensor()
                    + ", " + path + " has " + layout.tensors().size() + " tensors");
        }
        return read(layout.tensors().get(chunk.tensor()), chunk.tensorByteOffset(), chunk.byteSize());
    }

    /**
     * Some bytes of a tensor.
     *
     * @param tensor one of this model
     * @param byteOffset first byte, counted from the tensor's start
     * @param byteCount how many, 1 GiB at most
     * @return a read-only slice of the map, little-endian
     * @throws IllegalArgumentException if the model has no such tensor or the tensor no such bytes
     * @throws IllegalStateException after {@link #close()}
     */
    public ByteBuffer read(TensorSpec tensor, long byteOffset, int byteCount) {
        Slot slot = slot(tensor, byteOffset, byteCount);
        return slot.bytes().slice(slot.offset() + byteOffset, byteCount).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Copies some bytes of a tensor into memory of the caller's, past the map, so that the process does not grow by what
     * it has read.
     *
     * @param tensor one of this model
     * @param byteOffset first byte, counted from the tensor's start
     * @param into is filled from its position to its limit
     * @throws IllegalArgumentException if the model has no such tensor or the tensor no such bytes
     * @throws IllegalStateException after {@link #close()}
     * @throws SafetensorsException if the file cannot be read, or was cut since it was opened
     */
    public void readInto(TensorSpec tensor, long byteOffset, ByteBuffer into) {
        Slot slot = slot(tensor, byteOffset, into.remaining());
        long position = slot.offset() + byteOffset;
        try {
            slot.bytes().read(position, into);
        } catch (IOException e) {
            throw new SafetensorsException(slot.file(), tensor.name(), position, "cannot be read: " + e, e);
        }
    }

    private Slot slot(TensorSpec tensor, long byteOffset, int byteCount) {
        if (closed) {
            throw new IllegalStateException(path + " is closed");
        }
        Slot slot = slot(tensor);
        if (byteOffset < 0
                || byteCount < 0
                || byteCount > MappedFile.MAX_RANGE
                || byteOffset > tensor.byteSize() - byteCount) {
            throw new IllegalArgumentException(slot.file() + ", tensor " + tensor.name() + ": " + byteCount
                    + " bytes from byte " + byteOffset + ", the tensor has " + tensor.byteSize() + " and a read "
                    + MappedFile.MAX_RANGE + " at most");
        }
        return slot;
    }

    /**
     * Where a tensor begins.
     *
     * @param tensor one of this model
     * @return its first byte, counted from the start of the file that holds it
     * @throws IllegalArgumentException if the model has no such tensor
     */
    public long position(TensorSpec tensor) {
        return slot(tensor).offset();
    }

    private Slot slot(TensorSpec tensor) {
        Slot slot = slots.get(tensor.name());
        if (slot == null || !slot.spec().equals(tensor)) {
            throw new IllegalArgumentException(
                    path + " has no " + tensor + (slot == null ? "" : ", but " + slot.spec()));
        }
        return slot;
    }

    /** The {@code __metadata__} of every file; of a sharded model also the index's, which goes before. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** The framework that its metadata name; {@link SafetensorsWriter#PYTORCH} where they name none. */
    public String format() {
        return metadata.getOrDefault(SafetensorsWriter.FORMAT, SafetensorsWriter.PYTORCH);
    }

    /** The file, or the index of a sharded model. */
    public Path path() {
        return path;
    }

    /** Ends reading. Slices handed out before stay valid: a map goes when its last slice is garbage. */
    @Override
    public void close() {
        closed = true;
        files.forEach(MappedFile::close);
    }

    /** @param files takes it in as soon as it is open */
    static void openOne(Path file, Map<String, Slot> slots, Map<String, String> metadata, List<MappedFile> files) {
        MappedFile bytes = MappedFile.open(file);
        files.add(bytes);
        Header header = HeaderReader.read(file, bytes);
        for (Entry entry : header.entries()) {
            slots.put(entry.spec().name(), new Slot(entry.spec(), file, bytes, header.dataStart() + entry.begin()));
        }
        metadata.putAll(header.metadata());
    }

    private static Path modelIn(Path folder) {
        Path single = folder.resolve(MODEL);
        Path index = folder.resolve("model" + INDEX_SUFFIX);
        if (Files.exists(single)) {
            return single;
        }
        if (Files.exists(index)) {
            return index;
        }
        throw new SafetensorsException(
                folder, null, 0, "the directory holds neither " + MODEL + " nor model" + INDEX_SUFFIX);
    }
}
