package dev.weir.operators.align;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("B17 weight-matching")
final class WeightMatchingTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void aShuffledModelIsBroughtBackInOneGroup(long seed) {
        Random random = new Random(seed);
        Map<String, Tensor> anchor = mlp(random, 7, 12, 3);
        PermutationSpec spec = PermutationSpec.ofMlp(shapes(anchor));
        SortedMap<String, int[]> shuffled = new TreeMap<>(Map.of("0", shuffle(random, 12)));
        Map<String, Tensor> model = apply(spec, shuffled, anchor);
        Matching matching = WeightMatching.match(spec, anchor, model);
        assertThat(compose(of("0", shuffled), of("0", matching.permutations())))
                .as("seed %d", seed)
                .isEqualTo(identity(12));
        assertThat(apply(spec, matching.permutations(), model))
                .allSatisfy((name, tensor) -> assertThat(tensor.values())
                        .as("seed %d, %s", seed, name)
                        .isEqualTo(values(anchor, name)));
        assertThat(matching.after()).as("seed %d", seed).isGreaterThan(matching.before());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void withNoiseAndThreeHiddenLayersTheFunctionStaysAndTheProductGrows(long seed) {
        Random random = new Random(seed);
        Map<String, Tensor> anchor = mlp(random, 6, 9, 10, 8, 4);
        Map<String, Tensor> model = mlp(random, 6, 9, 10, 8, 4);
        PermutationSpec spec = PermutationSpec.ofMlp(shapes(anchor));
        Matching matching = WeightMatching.match(spec, anchor, model);
        Map<String, Tensor> aligned = apply(spec, matching.permutations(), model);
        assertThat(matching.after()).as("seed %d", seed).isGreaterThan(matching.before());
        assertThat(product(anchor, aligned)).as("seed %d", seed).isCloseTo(matching.after(), within(1e-9));
        for (int probe = 0; probe < 5; probe++) {
            double[] x = random.doubles(6, -1, 1).toArray();
            assertThat(outputs(aligned, x)).as("seed %d", seed).containsExactly(outputs(model, x), within(1e-12));
        }
        assertThat(WeightMatching.match(spec, anchor, aligned).permutations())
                .as("nothing is left to gain, seed %d", seed)
                .allSatisfy((group, permutation) -> assertThat(permutation).isEqualTo(identity(permutation.length)));
    }

    @Test
    void convolutionsNormalisationAndResidualStreamsAreData() {
        Random random = new Random(4);
        Map<String, Tensor> anchor = new TreeMap<>(Map.of(
                "conv.weight", tensor(random, 8, 3, 2, 2),
                "norm.scale", tensor(random, 8),
                "mix.weight", tensor(random, 8, 8),
                "head.weight", tensor(random, 5, 8)));
        PermutationSpec spec = new PermutationSpec(new TreeMap<>(Map.of(
                "conv.weight", List.of("stream", "", "", ""),
                "norm.scale", List.of("stream"),
                "mix.weight", List.of("stream", "stream"),
                "head.weight", List.of("", "stream"))));
        int[] shuffled = shuffle(random, 8);
        Map<String, Tensor> model = apply(spec, new TreeMap<>(Map.of("stream", shuffled)), anchor);
        Matching matching = WeightMatching.match(spec, anchor, model);
        assertThat(compose(shuffled, of("stream", matching.permutations()))).isEqualTo(identity(8));
    }

    @Test
    void recurrentWeightsAreNeverFartherThanBefore() {
        PermutationSpec spec = new PermutationSpec(new TreeMap<>(
                Map.of("hidden.weight", List.of("units", "units"), "input.weight", List.of("units", ""))));
        for (long seed = 1; seed <= 200; seed++) {
            Random random = new Random(seed);
            Map<String, Tensor> anchor = recurrent(random);
            Map<String, Tensor> model = recurrent(random);
            Matching matching = WeightMatching.match(spec, anchor, model);
            assertThat(matching.after()).as("seed %d", seed).isGreaterThanOrEqualTo(matching.before());
            Map<String, Tensor> aligned = apply(spec, matching.permutations(), model);
            assertThat(product(anchor, aligned)).as("seed %d", seed).isCloseTo(matching.after(), within(1e-9));
        }
    }

    private static Map<String, Tensor> recurrent(Random random) {
        return new TreeMap<>(Map.of("hidden.weight", tensor(random, 6, 6), "input.weight", tensor(random, 6, 2)));
    }

    @Test
    void whatIsNoMlpIsNamed() {
        assertNoMlp(Map.of("fc.weight", List.of(2L, 2L)), "tensor fc.weight is no N.weight or N.bias");
        assertNoMlp(Map.of("0.weight", List.of(2L, 2L)), "tensor 0.weight has no hidden layer around it");
        assertNoMlp(
                Map.of("0.weight", List.of(2L, 2L, 3L), "2.weight", List.of(2L, 2L)),
                "tensor 0.weight has shape [2, 2, 3]");
        assertNoMlp(Map.of("0.bias", List.of(2L), "2.weight", List.of(2L, 2L)), "tensor 0.weight is missing");
        assertNoMlp(
                Map.of("0.weight", List.of(2L, 2L), "0.bias", List.of(3L), "2.weight", List.of(2L, 2L)),
                "tensor 0.bias has shape [3] beside a weight of [2, 2]");
        assertNoMlp(
                Map.of("0.weight", List.of(2L, 2L), "x.0.weight", List.of(2L, 2L), "2.weight", List.of(2L, 2L)),
                "tensor x.0.weight has another name before its number than the rest");
        assertThatThrownBy(
                        () -> PermutationSpec.ofMlp(Map.of("0.weight", List.of(4L, 2L), "2.weight", List.of(2L, 5L))))
                .hasMessage(
                        "permutation spec: group 0 has 4 units, and 5 on axis 1 of tensor 2.weight; allowed: the same"
                                + " everywhere");
    }

    @Test
    void modelsThatDoNotFitAreRefused() {
        Random random = new Random(5);
        Map<String, Tensor> anchor = mlp(random, 2, 3, 2);
        PermutationSpec spec = PermutationSpec.ofMlp(shapes(anchor));
        assertThatThrownBy(() -> WeightMatching.match(spec, anchor, mlp(random, 2, 4, 2)))
                .hasMessageContaining("allowed: the anchor's shape, [3]");
        Map<String, Tensor> broken = new HashMap<>(mlp(random, 2, 3, 2));
        broken.put("0.bias", new Tensor(new int[] {3}, new double[] {1, Double.NaN, 1}));
        assertThatThrownBy(() -> WeightMatching.match(spec, anchor, broken))
                .hasMessage("tensor 0.bias: holds a number that is not finite; allowed: finite weights");
        assertThatThrownBy(() -> new PermutationSpec(new TreeMap<>(Map.of("w", List.of("")))))
                .hasMessage("permutation spec: names no group; allowed: at least one axis in a group");
    }

    private static void assertNoMlp(Map<String, List<Long>> shapes, String problem) {
        assertThatThrownBy(() -> PermutationSpec.ofMlp(shapes))
                .hasMessage("no plain multi-layer perceptron: " + problem
                        + "; allowed: 0.weight, 0.bias, 2.weight ... of outputs by inputs, or a permutation spec");
    }

    private static Map<String, Tensor> mlp(Random random, int... sizes) {
        Map<String, Tensor> tensors = new TreeMap<>();
        for (int layer = 0; layer + 1 < sizes.length; layer++) {
            tensors.put(2 * layer + ".weight", tensor(random, sizes[layer + 1], sizes[layer]));
            tensors.put(2 * layer + ".bias", tensor(random, sizes[layer + 1]));
        }
        return tensors;
    }

    private static Tensor tensor(Random random, int... shape) {
        int elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        return new Tensor(shape, random.doubles(elements, -1, 1).toArray());
    }

    private static Map<String, List<Long>> shapes(Map<String, Tensor> tensors) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        tensors.forEach((name, tensor) -> shapes.put(
                name, Arrays.stream(tensor.shape()).asLongStream().boxed().toList()));
        return shapes;
    }

    private static Map<String, Tensor> apply(
            PermutationSpec spec, SortedMap<String, int[]> permutations, Map<String, Tensor> tensors) {
        Map<String, Tensor> applied = new TreeMap<>();
        tensors.forEach((name, tensor) -> {
            int[] sources = Permuted.sources(
                    tensor.shape(), Objects.requireNonNull(spec.axes().get(name), name), permutations);
            applied.put(
                    name,
                    new Tensor(
                            tensor.shape(),
                            Arrays.stream(sources)
                                    .mapToDouble(i -> tensor.values()[i])
                                    .toArray()));
        });
        return applied;
    }

    private static double[] outputs(Map<String, Tensor> tensors, double[] x) {
        double[] at = x;
        int layers = tensors.size() / 2;
        for (int layer = 0; layer < layers; layer++) {
            double[] weight = values(tensors, 2 * layer + ".weight");
            double[] next = values(tensors, 2 * layer + ".bias").clone();
            for (int o = 0; o < next.length; o++) {
                for (int i = 0; i < at.length; i++) {
                    next[o] += weight[o * at.length + i] * at[i];
                }
                next[o] = layer == layers - 1 ? next[o] : Math.max(0, next[o]);
            }
            at = next;
        }
        return at;
    }

    private static double product(Map<String, Tensor> one, Map<String, Tensor> other) {
        double sum = 0;
        for (String name : one.keySet()) {
            for (int i = 0; i < values(one, name).length; i++) {
                sum += values(one, name)[i] * values(other, name)[i];
            }
        }
        return sum;
    }

    private static double[] values(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name).values();
    }

    private static int[] of(String group, Map<String, int[]> permutations) {
        return Objects.requireNonNull(permutations.get(group), group);
    }

    private static int[] shuffle(Random random, int size) {
        int[] order = identity(size);
        for (int i = size - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    /** first[then[i]]: the unit of the anchor that stands at i in the end. */
    private static int[] compose(int[] first, int[] then) {
        return Arrays.stream(then).map(i -> first[i]).toArray();
    }

    private static int[] identity(int size) {
        int[] identity = new int[size];
        Arrays.setAll(identity, i -> i);
        return identity;
    }
}
