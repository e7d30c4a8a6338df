package dev.weir.operators.merge;

import dev.weir.operators.Normalisation;
import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.shape.Companion;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Runs a merge over models of one tensor, as a chunk of f64 or of f32. */
final class Vectors {
    private Vectors() {}

    static Merge create(String name, Map<String, ?> settings) {
        return Merges.all().stream()
                .filter(spec -> spec.name().equals(name))
                .findFirst()
                .orElseThrow()
                .create(settings);
    }

    static double[] f64(Merge merge, double[]... models) {
        return merge(merge, Dtype.F64, List.of(models), List.of());
    }

    static double[] f32(Merge merge, double[]... models) {
        return merge(merge, Dtype.F32, List.of(models), List.of());
    }

    /** @param sides numbers of the elements of each model, of one dtype with the models */
    static double[] weighed(Merge merge, List<double[]> models, List<double[]> sides) {
        return merge(merge, Dtype.F64, models, sides);
    }

    static double[] merge(Merge merge, Dtype dtype, List<double[]> models, List<double[]> sides) {
        int n = models.getFirst().length;
        List<MemorySegment> bytes =
                models.stream().map(model -> bytes(model, dtype)).toList();
        MemorySegment out = bytes(new double[n], dtype);
        switch (merge) {
            case LinearMerge linear -> {
                double[] row = coefficients(linear, "w", dtype, bytes, n).of(0);
                combine(row, bytes, dtype, n, out);
            }
            case ElementMerge weighted -> {
                List<MemorySegment> numbers =
                        sides.stream().map(side -> bytes(side, dtype)).toList();
                double[] scales = scales(weighted.normalisation(), sides);
                ElementFold fold = new ElementFold(Kernel.create(), weighted.weights(models.size()), scales);
                for (int i = 0; i < bytes.size(); i++) {
                    fold.add(bytes.get(i), dtype, new Companion(numbers.get(i), dtype), n, i);
                }
                fold.emit(dtype, n, out);
            }
            case MaskedMerge masked -> throw new IllegalArgumentException("its masks are files");
        }
        double[] result = new double[n];
        Kernel.create().decode64(out, dtype, 0, n, result);
        return result;
    }

    /** The coefficients for models of one tensor of that name, steps 1, 2, 3 unsaid. */
    static Coefficients coefficients(LinearMerge merge, String tensor, Dtype dtype, List<MemorySegment> bytes, int n) {
        List<Gram> grams = new ArrayList<>();
        if (merge.needsGrams()) {
            Gram gram = Gram.zero(bytes.size());
            for (int from = 0; from < n; from += Gram.BLOCK_ELEMENTS) {
                int elements = Math.min(Gram.BLOCK_ELEMENTS, n - from);
                long offset = (long) dtype.bytes() * from;
                long length = (long) dtype.bytes() * elements;
                List<MemorySegment> blocks =
                        bytes.stream().map(b -> b.asSlice(offset, length)).toList();
                gram.add(Kernel.create(), blocks, dtype, elements, Gram.memory(bytes.size()));
            }
            grams.add(gram);
        }
        return merge.coefficients(new Models(bytes.size(), List.of(), List.of(tensor), grams));
    }

    /** The coefficients of a merge that looks at no element. */
    static double[] row(Merge merge, int count, String tensor) {
        Models models = new Models(count, List.of(), List.of(tensor), Collections.emptyList());
        return ((LinearMerge) merge).coefficients(models).of(0);
    }

    static void combine(double[] row, List<MemorySegment> bytes, Dtype dtype, int n, MemorySegment out) {
        CombinationFold fold = new CombinationFold(Kernel.create());
        int reference = CombinationFold.reference(row);
        fold.begin(bytes.get(reference), dtype, n);
        for (int i = 0; i < row.length; i++) {
            if (i != reference && row[i] != 0) {
                fold.add(bytes.get(i), dtype, n, row[i]);
            }
        }
        fold.emit(dtype, n, out);
    }

    static MemorySegment bytes(double[] values, Dtype dtype) {
        MemorySegment segment = MemorySegment.ofArray(new byte[values.length * dtype.bytes()]);
        Kernel.create().encode64(values, values.length, dtype, segment, 0);
        return segment;
    }

    private static double[] scales(Normalisation normalisation, List<double[]> sides) {
        return sides.stream()
                .mapToDouble(side -> normalisation.scale(
                        side.length,
                        Arrays.stream(side).sum(),
                        Arrays.stream(side).map(v -> v * v).sum()))
                .toArray();
    }
}
