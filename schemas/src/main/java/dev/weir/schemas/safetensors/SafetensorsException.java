package dev.weir.schemas.safetensors;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A file cannot be read as safetensors. The message says which file, which tensor, at which byte and why. */
public final class SafetensorsException extends RuntimeException {

    private final Path file;
    private final @Nullable String tensor;
    private final long offset;

    SafetensorsException(Path file, @Nullable String tensor, long offset, String problem, @Nullable Throwable cause) {
        super(file + (tensor == null ? "" : ", tensor " + tensor) + ", byte " + offset + ": " + problem, cause);
        this.file = file;
        this.tensor = tensor;
        this.offset = offset;
    }

    SafetensorsException(Path file, @Nullable String tensor, long offset, String problem) {
        this(file, tensor, offset, problem, null);
    }

    /** The file at fault; of a sharded model the shard, or the index where that is wrong. */
    public Path file() {
        return file;
    }

    /** The tensor at fault; empty where no single one is. */
    public Optional<String> tensor() {
        return Optional.ofNullable(tensor);
    }

    /** Byte of the file at which the fault was found; 0 where the file as a whole is at fault. */
    public long offset() {
        return offset;
    }
}
