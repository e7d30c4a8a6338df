package dev.weir.operators.align;

import dev.weir.operators.Cost;
import dev.weir.operators.Facts;
import dev.weir.operators.MethodSpec;
import dev.weir.operators.solve.Assignment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Weight matching: permutations of a model's hidden units that bring its weights nearest to an anchor's, ‖θ_a − P(θ_b)‖, which is
 * the largest inner product. Group by group: with all others as they are, A_ij is the inner product of what belongs to unit i of
 * the anchor and to unit j of the model, and the best permutation is a linear assignment. It ends when a sweep over all groups
 * gains nothing. For one group the result is the optimum; for several it is one that no single group can better. Where a tensor
 * has a group on two axes, as the recurrent weights of a layer do, A takes one of them as it was: a step may lose then, and the
 * best of all sweeps is the result.
 *
 * <p>Source: Ainsworth, Hayase and Srinivasa, Git Re-Basin (2023), section 3.2 and algorithm 1; Ito et al., Analysis of Linear Mode
 * Connectivity via Permutation-Based Weight Matching (2024). The paper takes groups in random order; here it is that of their
 * names, so that the same models always match in the same way.
 */
public final class WeightMatching {

    /** As people name it. */
    public static final MethodSpec SPEC = new MethodSpec(
            "weight-matching",
            "B17",
            "Analysis of Linear Mode Connectivity via Permutation-Based Weight Matching",
            "Ito et al. 2024, arXiv:2402.04051; Ainsworth et al. 2023, arXiv:2209.04836, section 3.2",
            List.of(),
            Facts.of(
                            "K6 linear combination, after a linear assignment of each layer's units",
                            "theta = (theta_1 + sum_k P_k(theta_k)) / K, P_k = argmax <theta_1, P(theta_k)>",
                            "For models that were trained apart, whose hidden units are in different orders. Which axes go"
                                    + " together is derived for plain multi-layer perceptrons; others are aligned by weir align"
                                    + " with a permutation spec, then averaged as a uniform soup.")
                    .needing("permutations")
                    .costing(Cost.MATRIX),
            "weir merge --operator weight-matching",
            false);

    static final int MAX_SWEEPS = 100;
    private static final double GAIN = 1e-12;

    private final PermutationSpec spec;
    private final Map<String, Tensor> anchor;
    private final Map<String, Tensor> model;
    private final SortedMap<String, int[]> permutations = new TreeMap<>();

    private WeightMatching(PermutationSpec spec, Map<String, Tensor> anchor, Map<String, Tensor> model) {
        this.spec = spec;
        this.anchor = anchor;
        this.model = model;
    }

    /**
     * Matches a model to an anchor.
     *
     * @param anchor the tensors that the spec names, finite
     * @param model such tensors of the same shapes
     * @throws IllegalArgumentException if a tensor is missing, has another shape, or holds a number that is not finite
     */
    public static Matching match(PermutationSpec spec, Map<String, Tensor> anchor, Map<String, Tensor> model) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        anchor.forEach((name, tensor) -> shapes.put(
                name, Arrays.stream(tensor.shape()).asLongStream().boxed().toList()));
        SortedMap<String, Integer> sizes = spec.sizes(shapes);
        for (String name : spec.axes().keySet()) {
            requireAlike(name, tensor(name, anchor), model.get(name));
        }
        WeightMatching matching = new WeightMatching(spec, anchor, model);
        sizes.forEach((group, size) -> {
            matching.permutations.put(group, Permuted.identity(size));
        });
        return matching.run();
    }

    private Matching run() {
        double before = product();
        double most = before;
        SortedMap<String, int[]> best = new TreeMap<>(permutations);
        int sweeps = 0;
        boolean gained = true;
        while (gained && sweeps < MAX_SWEEPS) {
            gained = false;
            sweeps++;
            for (String group : permutations.keySet()) {
                gained |= improve(group);
            }
            double now = product();
            if (now >= most) {
                most = now;
                best = new TreeMap<>(permutations);
            }
        }
        return new Matching(best, before, most, sweeps);
    }

    private boolean improve(String group) {
        int[] old = permutation(group);
        double[][] scores = new double[old.length][old.length];
        spec.axes().forEach((name, groups) -> {
            for (int axis = 0; axis < groups.size(); axis++) {
                if (groups.get(axis).equals(group)) {
                    addProducts(name, groups, axis, scores);
                }
            }
        });
        int[] best = Assignment.maximise(scores);
        double gain = 0;
        double size = 0;
        for (int i = 0; i < old.length; i++) {
            gain += scores[i][best[i]] - scores[i][old[i]];
            size += Math.abs(scores[i][old[i]]);
        }
        if (gain <= GAIN * Math.max(1, size)) {
            return false;
        }
        permutations.put(group, best);
        return true;
    }

    /** Adds the inner products of the slices along an axis, those of the model with its other axes permuted. */
    private void addProducts(String name, List<String> groups, int axis, double[][] scores) {
        Tensor a = tensor(name, anchor);
        List<String> others = new ArrayList<>(groups);
        others.set(axis, "");
        int[] sources = Permuted.sources(a.shape(), others, permutations);
        double[] b = tensor(name, model).values();
        int length = a.shape()[axis];
        int inner = 1;
        for (int later = axis + 1; later < a.shape().length; later++) {
            inner *= a.shape()[later];
        }
        int outer = a.values().length / Math.max(1, length * inner);
        double[] column = new double[length];
        for (int o = 0; o < outer; o++) {
            for (int r = 0; r < inner; r++) {
                for (int j = 0; j < length; j++) {
                    column[j] = b[sources[(o * length + j) * inner + r]];
                }
                for (int i = 0; i < length; i++) {
                    double factor = a.values()[(o * length + i) * inner + r];
                    double[] row = scores[i];
                    for (int j = 0; j < length; j++) {
                        row[j] += factor * column[j];
                    }
                }
            }
        }
    }

    private double product() {
        double sum = 0;
        for (Map.Entry<String, List<String>> entry : spec.axes().entrySet()) {
            Tensor a = tensor(entry.getKey(), anchor);
            double[] b = tensor(entry.getKey(), model).values();
            int[] sources = Permuted.sources(a.shape(), entry.getValue(), permutations);
            for (int i = 0; i < sources.length; i++) {
                sum += a.values()[i] * b[sources[i]];
            }
        }
        return sum;
    }

    private int[] permutation(String group) {
        return Objects.requireNonNull(permutations.get(group), group);
    }

    private static Tensor tensor(String name, Map<String, Tensor> tensors) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    private static void requireAlike(String name, Tensor a, @Nullable Tensor b) {
        if (b == null || !Arrays.equals(a.shape(), b.shape())) {
            throw new IllegalArgumentException("tensor " + name + ": "
                    + (b == null ? "missing" : "shape " + Arrays.toString(b.shape()))
                    + "; allowed: the anchor's shape, "
                    + Arrays.toString(a.shape()));
        }
        if (!Arrays.stream(a.values()).allMatch(Double::isFinite)
                || !Arrays.stream(b.values()).allMatch(Double::isFinite)) {
            throw new IllegalArgumentException(
                    "tensor " + name + ": holds a number that is not finite; allowed: finite weights");
        }
    }
}
