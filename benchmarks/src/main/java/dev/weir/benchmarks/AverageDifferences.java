package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.delta.Choice;
import dev.weir.schemas.delta.ChunkEncoder;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * What would be saved if snapshots of an average were emitted as exact differences against the one before: their entropy-coded
 * size over the plain one. The average is an EMA in f32 that is emitted in the dtype of its checkpoints.
 */
final class AverageDifferences {
    private static final double DECAY = 0.9;
    /** Steps after which an average has forgotten where it began. */
    private static final int SETTLED = 32;

    private static final int STEPS = 64;

    private final Kernel kernel = Kernel.create();
    private final DifferenceWalk walk;

    AverageDifferences(DifferenceWalk walk) {
        this.walk = walk;
    }

    ObjectNode json() {
        long plain = 0;
        long each = 0;
        long oneInSixteen = 0;
        try (ChunkEncoder encoder = new ChunkEncoder()) {
            for (int index = 0; index < walk.pair().chunks().size(); index++) {
                ByteBuffer[] emitted = emitted(index);
                for (int step = SETTLED; step < STEPS; step++) {
                    each += size(encoder, index, emitted[step], emitted[step + 1]);
                    plain += emitted[step + 1].remaining();
                    if (step % 16 == 0) {
                        oneInSixteen += 16L * size(encoder, index, emitted[step], emitted[step + 16]);
                    }
                }
            }
        }
        ObjectNode shares = Json.object().put("everySnapshotOverPlain", rounded((double) each / plain));
        if (walk.straight()) {
            // To and fro, an average is after sixteen steps where it was.
            shares.put("oneSnapshotInSixteenOverPlain", rounded((double) oneInSixteen / plain));
        }
        return shares;
    }

    /** One chunk of the average, as it is emitted after each step. */
    private ByteBuffer[] emitted(int index) {
        CheckpointPair.Chunk chunk = walk.pair().chunks().get(index);
        int elements = chunk.now().remaining() / chunk.dtype().bytes();
        MemorySegment mean = MemorySegment.ofArray(new float[elements]);
        ByteBuffer[] emitted = new ByteBuffer[STEPS + 1];
        for (int step = 0; step <= STEPS; step++) {
            float share = (float) (step == 0 ? 1 : 1 - DECAY);
            kernel.lerp32(mean, MemorySegment.ofBuffer(walk.chunk(index, step)), chunk.dtype(), elements, share);
            byte[] bytes = new byte[chunk.now().remaining()];
            kernel.round32(mean, chunk.dtype(), elements, MemorySegment.ofArray(bytes));
            emitted[step] = ByteBuffer.wrap(bytes);
        }
        return emitted;
    }

    private long size(ChunkEncoder encoder, int index, ByteBuffer old, ByteBuffer now) {
        return encoder.encode(walk.pair().chunks().get(index).dtype(), old, now, Choice.ENTROPY)
                .payload()
                .remaining();
    }

    private static double rounded(double share) {
        return Math.round(share * 1e5) / 1e5;
    }
}
