package dev.weir.benchmarks;

import dev.weir.clients.publish.WeightSource;
import dev.weir.schemas.tensor.ChunkSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * Weights in f32 that no encoding makes smaller, by themselves or against those of the step before; the same ones for the same
 * step. Cut from a few megabytes that are drawn once, because drawing takes longer than sending.
 */
final class RandomWeights implements WeightSource {
    private static final int VARIANTS = 7;
    private static final int VARIANT_BYTES = 4 * 2 * 245_760;
    private static final ByteBuffer DRAWN = drawn();

    private final long step;

    RandomWeights(long step) {
        this.step = step;
    }

    @Override
    public ByteBuffer read(ChunkSpec chunk) {
        int variant = (int) ((step + chunk.index()) % VARIANTS);
        return DRAWN.slice(variant * VARIANT_BYTES, chunk.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer drawn() {
        SplittableRandom random = new SplittableRandom(1);
        ByteBuffer bytes = ByteBuffer.allocate(VARIANTS * VARIANT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putFloat((float) random.nextDouble(-1, 1));
        }
        return bytes.flip();
    }
}
