package dev.weir.clients.publish;

import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import java.nio.ByteBuffer;

/** Where a checkpoint's bytes come from; asked for each chunk once, from chunk 0 on. */
@FunctionalInterface
public interface WeightSource {

    /**
     * The bytes of a chunk.
     *
     * @param chunk of the layout with which the publisher was opened
     * @return its little-endian bytes, from position to limit; read before the next call
     */
    ByteBuffer read(ChunkSpec chunk);

    /** The weights of a file; the publisher must have been opened with that file's layout. */
    static WeightSource of(SafetensorsFile file) {
        return file::read;
    }
}
