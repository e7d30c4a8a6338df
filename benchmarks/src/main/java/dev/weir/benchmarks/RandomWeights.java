package dev.weir.benchmarks;

import dev.weir.clients.publish.WeightSource;
import dev.weir.schemas.tensor.ChunkSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** Weights in f32 that no encoding makes smaller; the same ones for the same step. */
final class RandomWeights implements WeightSource {
    private final SplittableRandom random;

    RandomWeights(long step) {
        this.random = new SplittableRandom(step);
    }

    @Override
    public ByteBuffer read(ChunkSpec chunk) {
        ByteBuffer bytes = ByteBuffer.allocate(chunk.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putFloat((float) random.nextDouble(-1, 1));
        }
        return bytes.flip();
    }
}
