package dev.weir.cli.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.merge.ElementMerge.Normalisation;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** What makes the numbers of each second file a mean or a length of 1 over the tensors that all of them have. */
final class SideScales implements Partials.Reducer<double[]> {
    private static final int BLOCK_ELEMENTS = 8_192;

    private final Kernel kernel = Kernel.create();
    private final SideFiles sides;
    private final boolean squares;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment bytes = arena.allocate((long) Double.BYTES * BLOCK_ELEMENTS, Double.BYTES);
    private final double[] block = new double[BLOCK_ELEMENTS];
    private final double[] ones = new double[BLOCK_ELEMENTS];

    private SideScales(SideFiles sides, boolean squares) {
        this.sides = sides;
        this.squares = squares;
        Arrays.fill(ones, 1);
    }

    /** One number for each model, 1 where all of its numbers are 0. */
    static double[] of(Normalisation normalisation, SideFiles sides, List<TensorSpec> averaged, int threads)
            throws InterruptedException {
        double[] scales = new double[sides.count()];
        Arrays.fill(scales, 1);
        if (normalisation == Normalisation.NONE) {
            return scales;
        }
        List<TensorSpec> known = averaged.stream().filter(sides::all).toList();
        double[] sums = new double[sides.count()];
        for (double[] tensor : Partials.sums(
                known,
                threads,
                sums,
                SideScales::plus,
                () -> new SideScales(sides, normalisation == Normalisation.NORM))) {
            sums = plus(sums, tensor);
        }
        double elements = known.stream().mapToLong(TensorSpec::elements).sum();
        for (int i = 0; i < scales.length; i++) {
            if (sums[i] > 0) {
                scales[i] = normalisation == Normalisation.NORM ? 1 / Math.sqrt(sums[i]) : elements / sums[i];
            }
        }
        return scales;
    }

    @Override
    public double[] reduce(TensorSpec tensor, ChunkSpec chunk) {
        double[] sums = new double[sides.count()];
        for (int i = 0; i < sums.length; i++) {
            TensorSpec second = sides.tensor(i, tensor);
            int width = second.dtype().bytes();
            for (int from = 0; from < chunk.elements(); from += BLOCK_ELEMENTS) {
                int elements = Math.min(BLOCK_ELEMENTS, chunk.elements() - from);
                MemorySegment read = bytes.asSlice(0, (long) elements * width);
                sides.file(i).readInto(second, (chunk.firstElement() + from) * width, read.asByteBuffer());
                kernel.decode64(read, second.dtype(), 0, elements, block);
                sums[i] += kernel.dot64(block, squares ? block : ones, elements);
            }
        }
        return sums;
    }

    private static double[] plus(double[] sums, double[] later) {
        double[] both = sums.clone();
        for (int i = 0; i < both.length; i++) {
            both[i] += later[i];
        }
        return both;
    }

    @Override
    public void close() {
        arena.close();
    }
}
