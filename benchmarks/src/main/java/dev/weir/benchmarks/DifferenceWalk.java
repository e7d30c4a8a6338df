package dev.weir.benchmarks;

import dev.weir.clients.publish.WeightSource;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * As many checkpoints as are wanted from one real pair of neighbours. To and fro between the two, every step is the real
 * difference and nothing drifts; straight on, each step adds the same difference in f64 and rounds, so that an average over it
 * moves as fast as it can. A real run lies between.
 *
 * @param pair neighbours of one dtype a chunk
 * @param copies how often the pair is laid side by side, so that fixed costs weigh no more than they do in a real model
 * @param straight whether steps go on instead of back
 */
record DifferenceWalk(CheckpointPair pair, int copies, boolean straight) {
    private static final Kernel KERNEL = Kernel.create();

    /** A tensor of one chunk for each chunk of each copy. */
    Layout layout() {
        List<CheckpointPair.Chunk> chunks = pair.chunks();
        return Layout.of(IntStream.range(0, copies * chunks.size())
                .mapToObj(i -> new TensorSpec(
                        "chunk.%06d".formatted(i),
                        dtype(i),
                        List.of((long) chunks.get(i % chunks.size()).now().remaining() / dtype(i).bytes())))
                .toList());
    }

    /** The checkpoint after so many steps. */
    WeightSource at(int step) {
        return (ChunkSpec chunk) -> chunk(chunk.index() % pair.chunks().size(), step);
    }

    /** One of the pair's chunks after so many steps. */
    ByteBuffer chunk(int index, int step) {
        CheckpointPair.Chunk chunk = pair.chunks().get(index);
        if (step <= 1 || !straight) {
            return (step % 2 == 0 ? chunk.old() : chunk.now()).duplicate();
        }
        int elements = chunk.now().remaining() / chunk.dtype().bytes();
        double[] from = new double[elements];
        double[] to = new double[elements];
        KERNEL.decode64(MemorySegment.ofBuffer(chunk.old()), chunk.dtype(), 0, elements, from);
        KERNEL.decode64(MemorySegment.ofBuffer(chunk.now()), chunk.dtype(), 0, elements, to);
        for (int i = 0; i < elements; i++) {
            to[i] = from[i] + step * (to[i] - from[i]);
        }
        byte[] bytes = new byte[chunk.now().remaining()];
        KERNEL.encode64(to, elements, chunk.dtype(), MemorySegment.ofArray(bytes), 0);
        return ByteBuffer.wrap(bytes);
    }

    private Dtype dtype(int i) {
        return pair.chunks().get(i % pair.chunks().size()).dtype();
    }
}
