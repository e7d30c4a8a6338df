package dev.weir.cli.merge;

import dev.weir.operators.CompanionSums;
import dev.weir.operators.Sums;
import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.shape.Companion;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What a second file comes to, over the tensors that all second files have: sums of the stream's bits. */
final class SideSums implements Partials.Reducer<double[]> {
    private final Kernel kernel = Kernel.create();
    private final SideFiles sides;
    private final int model;
    private final Arena arena = Arena.ofConfined();
    private MemorySegment bytes = MemorySegment.NULL;

    private SideSums(SideFiles sides, int model) {
        this.sides = sides;
        this.model = model;
    }

    /** The sums of the model's second file over each of the averaged tensors that all second files have. */
    static Sums of(SideFiles sides, int model, List<TensorSpec> averaged, int threads) throws InterruptedException {
        List<TensorSpec> known = averaged.stream().filter(sides::all).toList();
        double[] zero = new double[CompanionSums.NUMBERS];
        return new Sums(Partials.sums(known, threads, zero, Partials::plus, () -> new SideSums(sides, model)));
    }

    @Override
    public double[] reduce(TensorSpec tensor, ChunkSpec chunk) {
        TensorSpec second = sides.tensor(model, tensor);
        SafetensorsFile file = sides.file(model);
        int width = second.dtype().bytes();
        long size = (long) chunk.elements() * width;
        if (bytes.byteSize() < size) {
            bytes = arena.allocate(size, Double.BYTES);
        }
        MemorySegment read = bytes.asSlice(0, size);
        file.readInto(second, chunk.firstElement() * width, read.asByteBuffer());
        return CompanionSums.of(kernel, new Companion(read, second.dtype()), chunk.elements());
    }

    @Override
    public void close() {
        arena.close();
    }
}
