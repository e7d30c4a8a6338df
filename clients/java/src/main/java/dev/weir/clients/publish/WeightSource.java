package dev.weir.clients.publish;

import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import java.nio.ByteBuffer;

/**
 * Where a checkpoint's bytes come from. Asked for the chunks in their order, each once; {@link Publisher#publish} may begin
 * again at chunk 0 once, where the merge tasks no longer have what the differences refer to, so the bytes must stay as they
 * are until it returns. {@link Publisher#send} asks for each chunk once and for nothing after it returned. How long a read takes does not
 * matter to the publisher; the coordinator rejects a checkpoint whose parts do not come within its {@code checkpoint-timeout-ms}.
 */
@FunctionalInterface
public interface WeightSource {

    /**
     * The bytes of a chunk.
     *
     * @param chunk of the layout with which the publisher was opened
     * @return its little-endian bytes, from position to limit; they are read before the next call
     */
    ByteBuffer read(ChunkSpec chunk);

    /** The weights of a file; the publisher must have been opened with that file's layout. */
    static WeightSource of(SafetensorsFile file) {
        return new FileWeights(file);
    }
}
