package dev.weir.cli.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.merge.Gram;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Reduces a chunk of all models to their dot products, block after block, so that a thread holds a block of each model. */
final class GramWorker implements Partials.Reducer<Gram> {
    private final Kernel kernel = Kernel.create();
    private final InputFiles files;
    private final Arena arena = Arena.ofConfined();
    private final List<MemorySegment> blocks = new ArrayList<>();
    private final double[][] memory;

    private GramWorker(InputFiles files) {
        this.files = files;
        this.memory = Gram.memory(files.count());
        for (int i = 0; i < files.count(); i++) {
            blocks.add(arena.allocate((long) Double.BYTES * Gram.BLOCK_ELEMENTS, Double.BYTES));
        }
    }

    /** One Gram for each tensor. */
    static List<Gram> grams(InputFiles files, List<TensorSpec> tensors, int threads) throws InterruptedException {
        return Partials.sums(tensors, threads, Gram.zero(files.count()), Gram::plus, () -> new GramWorker(files));
    }

    @Override
    public Gram reduce(TensorSpec tensor, ChunkSpec chunk) {
        Gram gram = Gram.zero(files.count());
        int bytes = tensor.dtype().bytes();
        for (int from = 0; from < chunk.elements(); from += Gram.BLOCK_ELEMENTS) {
            int elements = Math.min(Gram.BLOCK_ELEMENTS, chunk.elements() - from);
            List<MemorySegment> read = new ArrayList<>();
            for (int i = 0; i < files.count(); i++) {
                MemorySegment block = blocks.get(i).asSlice(0, (long) elements * bytes);
                files.file(i).readInto(tensor, chunk.tensorByteOffset() + (long) from * bytes, block.asByteBuffer());
                read.add(block);
            }
            gram.add(kernel, read, tensor.dtype(), elements, memory);
        }
        return gram;
    }

    @Override
    public void close() {
        arena.close();
    }
}
