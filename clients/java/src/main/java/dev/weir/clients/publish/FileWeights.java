package dev.weir.clients.publish;

import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The weights of a file, copied chunk by chunk past its map: a trainer that writes over the file meanwhile makes a failure that
 * names it, and all that is said of a chunk is said of the same bytes.
 */
final class FileWeights implements WeightSource {

    private final SafetensorsFile file;
    /** On the heap, where digests and encoders take it as it is. */
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    FileWeights(SafetensorsFile file) {
        this.file = file;
    }

    /** @throws dev.weir.schemas.safetensors.SafetensorsException if the file was cut since it was opened */
    @Override
    public ByteBuffer read(ChunkSpec chunk) {
        if (bytes.capacity() < chunk.byteSize()) {
            bytes = ByteBuffer.allocate(chunk.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        }
        bytes.clear().limit(chunk.byteSize());
        file.readInto(file.layout().tensorOf(chunk), chunk.tensorByteOffset(), bytes);
        return bytes.flip();
    }
}
