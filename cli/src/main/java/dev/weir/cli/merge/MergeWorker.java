package dev.weir.cli.merge;

import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Merges one chunk after another of models that are all at hand, in the same memory. For one thread. */
abstract class MergeWorker implements ChunkQueue.Worker {
    private static final int CACHE_LINE_BYTES = 64;

    final Target target;
    final Kernel kernel = Kernel.create();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment chunkMemory;
    private final MemorySegment sideMemory;

    MergeWorker(Target target) {
        this.target = target;
        this.chunkMemory = memory(Float.BYTES);
        this.sideMemory = memory(Double.BYTES);
    }

    @Override
    public final void take(int number) {
        ChunkSpec chunk = target.layout().chunk(number);
        TensorSpec tensor = target.layout().tensorOf(chunk);
        MemorySegment out = switch (TensorPolicy.of(tensor, target.rules())) {
            case AVERAGE -> finite(tensor, chunk);
            case FREEZE -> model(0, tensor, chunk);
            case COPY_LATEST -> model(newest(), tensor, chunk);
            case SKIP -> throw new IllegalStateException("a skipped tensor has no chunk");
        };
        target.writer().write(number, out.asByteBuffer());
        target.behind().wrote(chunk.byteSize());
    }

    /** Number of the model of which tensors are that are copied: the last that enters. */
    int newest() {
        return target.files().count() - 1;
    }

    /** The last of these weights that is not 0, and with it its model; the last one where none is. */
    static int lastThatCounts(double[] weights) {
        int last = weights.length - 1;
        while (last > 0 && weights[last] == 0) {
            last--;
        }
        return weights[last] == 0 ? weights.length - 1 : last;
    }

    private MemorySegment finite(TensorSpec tensor, ChunkSpec chunk) {
        MemorySegment merged = average(tensor, chunk);
        NonFinite.refuse(kernel, merged, tensor, chunk, target.files().files());
        return merged;
    }

    /** The merged chunk, in memory that {@link #model} gave. */
    abstract MemorySegment average(TensorSpec tensor, ChunkSpec chunk);

    /** A model's bytes of a chunk; valid until the next model's. */
    final MemorySegment model(int number, TensorSpec tensor, ChunkSpec chunk) {
        return read(target.files().file(number), tensor, chunk.tensorByteOffset(), chunk.byteSize(), chunkMemory);
    }

    /** The same chunk of a second file, whose dtype may be another; valid until the next one's. */
    final MemorySegment side(SafetensorsFile file, TensorSpec tensor, ChunkSpec chunk) {
        int bytes = tensor.dtype().bytes();
        return read(file, tensor, chunk.firstElement() * bytes, chunk.elements() * bytes, sideMemory);
    }

    private static MemorySegment read(
            SafetensorsFile file, TensorSpec tensor, long offset, int bytes, MemorySegment memory) {
        MemorySegment segment = memory.asSlice(0, bytes);
        file.readInto(tensor, offset, segment.asByteBuffer());
        return segment;
    }

    private MemorySegment memory(int bytesPerElement) {
        return arena.allocate((long) bytesPerElement * target.layout().chunkElements(), CACHE_LINE_BYTES);
    }

    @Override
    public final void close() {
        arena.close();
    }
}
