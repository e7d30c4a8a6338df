package dev.weir.operators;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Folds models as a stream does, chunk by chunk with a state of its own, with the sums of the chunks over each tensor. Tensors
 * are called t0, t1 and so on.
 *
 * @param dtype of all tensors
 * @param chunkElements of a chunk
 * @param resumeAt number of the model before which other folds go on from copies of the states; -1: none
 * @param rules for tensors
 */
record Models(Operator operator, Dtype dtype, int chunkElements, int resumeAt, List<TensorPolicy.Rule> rules) {

    /** What each model did, and the bytes of all tensors after each. */
    record Folded(Dtype dtype, List<Step> steps, List<byte[]> emitted) {
        /** The newest average, decoded. */
        double[] newest() {
            return after(emitted.size() - 1);
        }

        double[] after(int model) {
            byte[] bytes = emitted.get(model);
            double[] values = new double[bytes.length / dtype.bytes()];
            Kernel.create().decode64(MemorySegment.ofArray(bytes), dtype, 0, values.length, values);
            return values;
        }

        List<Integer> entered() {
            List<Integer> entered = new ArrayList<>();
            for (int i = 0; i < steps.size(); i++) {
                if (steps.get(i).enters()) {
                    entered.add(i);
                }
            }
            return entered;
        }
    }

    static Models of(Operator operator, Dtype dtype) {
        return new Models(operator, dtype, 1_000, -1, List.of());
    }

    /** Of one tensor each, at steps 1, 2 and so on. */
    Folded one(double[]... models) {
        return many(Arrays.stream(models).map(model -> new double[][] {model}).toArray(double[][][]::new));
    }

    /** @param models of each, its tensors */
    Folded many(double[][]... models) {
        List<TensorSpec> tensors = new ArrayList<>();
        for (double[] tensor : models[0]) {
            tensors.add(new TensorSpec("t" + tensors.size(), dtype, List.of((long) tensor.length)));
        }
        Layout layout = Layout.of(tensors, chunkElements);
        List<Step> steps = new ArrayList<>();
        List<byte[]> emitted = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            List<ChunkFold> folds = folds(layout);
            Progress progress = Progress.START;
            List<Double> newest = List.of();
            for (int i = 0; i < models.length; i++) {
                if (i == resumeAt) {
                    folds = resumed(folds, layout, arena);
                }
                int numbers = operator.shape().reductions();
                List<double[]> sums = new ArrayList<>();
                tensors.forEach(tensor -> sums.add(new double[numbers]));
                for (int c = 0; c < folds.size(); c++) {
                    double[] part = folds.get(c).reduce(chunk(models[i], layout, c));
                    for (int k = 0; k < numbers; k++) {
                        sums.get(layout.chunk(c).tensor())[k] += part[k];
                    }
                }
                Sums known = i == 0 ? Sums.NONE : new Sums(sums).of(tensors, rules);
                Step step = operator.step(progress, new Checkpoint(i + 1L, "run", i + 1L), known);
                progress = step.next();
                newest = step.enters() ? step.coefficients() : newest;
                for (int c = 0; step.enters() && c < folds.size(); c++) {
                    folds.get(c).update(arena, chunk(models[i], layout, c), newest);
                }
                steps.add(step);
                emitted.add(emit(folds, layout, newest));
            }
        }
        return new Folded(dtype, steps, emitted);
    }

    private List<ChunkFold> folds(Layout layout) {
        List<ChunkFold> folds = new ArrayList<>();
        for (int c = 0; c < layout.chunkCount(); c++) {
            TensorSpec tensor = layout.tensorOf(layout.chunk(c));
            TensorPolicy policy = TensorPolicy.of(tensor, rules);
            folds.add(new ChunkFold(Kernel.create(), operator, policy, tensor, layout.chunk(c)));
        }
        return folds;
    }

    private List<ChunkFold> resumed(List<ChunkFold> from, Layout layout, Arena arena) {
        List<ChunkFold> folds = folds(layout);
        for (int c = 0; c < folds.size(); c++) {
            MemorySegment state = from.get(c).state();
            if (state != null) {
                folds.get(c).resume(arena.allocate(state.byteSize(), 64).copyFrom(state));
            }
        }
        return folds;
    }

    private byte[] emit(List<ChunkFold> folds, Layout layout, List<Double> coefficients) {
        byte[] all = new byte[(int) layout.byteSize()];
        int at = 0;
        for (int c = 0; c < folds.size(); c++) {
            int size = layout.chunk(c).byteSize();
            folds.get(c).emit(coefficients, MemorySegment.ofArray(all).asSlice(at, size));
            at += size;
        }
        return all;
    }

    private MemorySegment chunk(double[][] model, Layout layout, int number) {
        ChunkSpec chunk = layout.chunk(number);
        int from = (int) chunk.firstElement();
        double[] values = Arrays.copyOfRange(model[chunk.tensor()], from, from + chunk.elements());
        MemorySegment bytes = MemorySegment.ofArray(new byte[chunk.byteSize()]);
        Kernel.create().encode64(values, values.length, dtype, bytes, 0);
        return bytes;
    }
}
