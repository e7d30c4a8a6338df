package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.shape.Companion;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What merges that weigh each element by a companion keep beside the contract, in f64 and in the f32 of the stream. */
final class CompanionMergesTest {
    private static final long SEED = 20_261_127;

    @Test
    @DisplayName("B10 fisher: equal importances are the lambda-mean, a dominating one its model")
    void b10EqualAndDominatingImportances() {
        Operator merge = Operators.create("fisher", Map.of("lambdas", "1,3", "normalise", "none"));
        List<double[]> models = List.of(of(0, 4), of(8, 8));
        for (Dtype dtype : List.of(Dtype.F64, Dtype.F32)) {
            assertThat(merged(merge, dtype, models, List.of(of(1, 1), of(1, 1))))
                    .containsExactly(of(6, 7), within(1e-14));
            assertThat(merged(merge, dtype, models, List.of(of(1e30, 1), of(1, 1e30))))
                    .containsExactly(of(0, 8), within(1e-12));
        }
    }

    @Test
    @DisplayName("B10 fisher: is the mean of the product of Gaussians, whose precisions add up")
    void b10IsTheMeanOfTheProductOfGaussians() {
        Operator merge = Operators.create("fisher", Map.of("normalise", "none"));
        Random random = new Random(SEED);
        for (int round = 0; round < 50; round++) {
            List<double[]> models = List.of(draw(random, 40, -1), draw(random, 40, -1), draw(random, 40, -1));
            List<double[]> fishers = List.of(draw(random, 40, 0.01), draw(random, 40, 0.01), draw(random, 40, 0.01));
            double[] merged = merged(merge, Dtype.F64, models, fishers);
            double[] streamed = merged(merge, Dtype.F32, models, fishers);
            for (int i = 0; i < 40; i++) {
                double slope = 0;
                double precision = 0;
                for (int k = 0; k < 3; k++) {
                    slope += (float) fishers.get(k)[i] * (merged[i] - models.get(k)[i]);
                    precision += fishers.get(k)[i];
                }
                assertThat(slope).as("seed %d round %d", SEED, round).isCloseTo(0, within(1e-12));
                assertThat(streamed[i]).isCloseTo(merged[i], within(3e-7 * Math.max(1, precision)));
            }
        }
    }

    @Test
    @DisplayName("B10 fisher: a common scale changes nothing, and the result lies between the models")
    void b10ScaleAndBounds() {
        Random random = new Random(SEED);
        List<double[]> models = List.of(draw(random, 500, -1), draw(random, 500, -1), draw(random, 500, -1));
        List<double[]> fishers = List.of(draw(random, 500, 0), draw(random, 500, 0), draw(random, 500, 0));
        List<double[]> scaled = fishers.stream()
                .map(f -> Arrays.stream(f).map(v -> v * 0x1p-20).toArray())
                .toList();
        for (String normalise : List.of("norm", "mean")) {
            Operator merge = Operators.create("fisher", Map.of("normalise", normalise));
            double[] merged = merged(merge, Dtype.F64, models, fishers);
            assertThat(merged(merge, Dtype.F64, models, scaled)).containsExactly(merged, within(1e-12));
            for (int i = 0; i < 500; i++) {
                int e = i;
                double[] all = models.stream().mapToDouble(m -> m[e]).toArray();
                assertThat(merged[i])
                        .isBetween(
                                Arrays.stream(all).min().orElseThrow() - 1e-15,
                                Arrays.stream(all).max().orElseThrow() + 1e-15);
            }
        }
    }

    @Test
    @DisplayName("B10 fisher: the floor is every model's, so that models without importance still count alike")
    void b10TheFloorIsEveryModels() {
        Operator floored = Operators.create("fisher", Map.of("normalise", "none"));
        Operator bare = Operators.create("fisher", Map.of("normalise", "none", "floor", 0));
        List<double[]> models = List.of(of(0), of(2), of(4));
        List<double[]> zeros = List.of(of(0), of(0), of(0));
        assertThat(merged(floored, Dtype.F64, models, zeros))
                .as("0 if only the first were floored")
                .containsExactly(of(2), within(1e-15));
        assertThat(merged(bare, Dtype.F64, models, zeros)).containsExactly(of(2), within(1e-15));
        assertThat(merged(bare, Dtype.F64, models, List.of(of(0), of(0), of(1e-30))))
                .as("one importance, however late and small, is all of it")
                .containsExactly(4);
        assertThat(merged(bare, Dtype.F64, models, List.of(of(0), of(1), of(0))))
                .containsExactly(2);
    }

    @Test
    @DisplayName("B10 fisher: a negative weight is refused")
    void b10ANegativeWeightIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> merged(
                        Operators.create("fisher", Map.of()), Dtype.F64, List.of(of(1), of(2)), List.of(of(1), of(-1))))
                .withMessageContaining("a weight is -1.0");
    }

    @Test
    @DisplayName("B11 gradient-matching: prior 1 and Hessians 1 over 1, 2, 3 and 10 are 1 + (2 / 4) (1 + 2 + 9)")
    void b11OfEqualHessians() {
        Operator merge = Operators.create("gradient-matching", Map.of());
        List<double[]> models = List.of(of(1), of(2), of(3), of(10));
        List<double[]> ones = List.of(of(1), of(1), of(1), of(1));
        assertThat(merged(merge, Dtype.F64, models, ones)).containsExactly(7);
        assertThat(merged(merge, Dtype.F32, models, ones)).containsExactly(7);
    }

    @Test
    @DisplayName("B11 gradient-matching: without the base's Hessian it is Fisher merging")
    void b11WithoutThePriorItIsFisherMerging() {
        Random random = new Random(SEED);
        List<double[]> tasks = List.of(draw(random, 50, -1), draw(random, 50, -1), draw(random, 50, -1));
        List<double[]> hessians = List.of(draw(random, 50, 0), draw(random, 50, 0), draw(random, 50, 0));
        List<double[]> models = new ArrayList<>(List.of(draw(random, 50, -1)));
        models.addAll(tasks);
        List<double[]> sides = new ArrayList<>(List.of(new double[50]));
        sides.addAll(hessians);
        Operator fisher = Operators.create("fisher", Map.of("normalise", "none", "floor", 0));
        Operator matching = Operators.create("gradient-matching", Map.of());
        assertThat(merged(matching, Dtype.F64, models, sides))
                .containsExactly(merged(fisher, Dtype.F64, tasks, hessians), within(1e-12));
        assertThat(merged(matching, Dtype.F32, models, sides))
                .containsExactly(merged(fisher, Dtype.F32, tasks, hessians), within(2e-7));
    }

    @Test
    @DisplayName("B11 gradient-matching: without the models' Hessians it is task arithmetic")
    void b11WithoutTheModelsItIsTaskArithmetic() {
        Operator merge = Operators.create("gradient-matching", Map.of("scale", 0.5));
        List<double[]> models = List.of(of(1, 1), of(2, 4), of(5, 0));
        List<double[]> hessians = List.of(of(3, 7), of(0, 0), of(0, 0));
        for (Dtype dtype : List.of(Dtype.F64, Dtype.F32)) {
            assertThat(merged(merge, dtype, models, hessians))
                    .containsExactly(of(1 + 0.5 * 5, 1 + 0.5 * 2), within(1e-14));
        }
    }

    @Test
    @DisplayName("B11 gradient-matching: one model is itself, and models equal to the base are the base")
    void b11OneModelAndNoChange() {
        Operator merge = Operators.create("gradient-matching", Map.of("delta", 0.1));
        assertThat(merged(merge, Dtype.F64, List.of(of(1), of(7)), List.of(of(2), of(3))))
                .containsExactly(of(7), within(1e-15));
        assertThat(merged(merge, Dtype.F64, List.of(of(1), of(1), of(1)), List.of(of(2), of(3), of(4))))
                .containsExactly(1);
        assertThat(merged(
                        Operators.create("gradient-matching", Map.of()),
                        Dtype.F64,
                        List.of(of(1), of(2), of(4)),
                        List.of(of(0), of(0), of(0))))
                .as("no weight anywhere: the models alike")
                .containsExactly(3);
    }

    /** What comes out of models of one tensor, whose companions are f32. */
    private static double[] merged(Operator operator, Dtype dtype, List<double[]> models, List<double[]> companions) {
        int n = models.getFirst().length;
        TensorSpec tensor = new TensorSpec("w", dtype, List.of((long) n));
        ChunkSpec chunk = Layout.of(List.of(tensor)).chunk(0);
        ChunkFold fold = new ChunkFold(Kernel.create(), operator, TensorPolicy.AVERAGE, tensor, chunk);
        Progress progress = Progress.START;
        List<Double> coefficients = List.of();
        MemorySegment out = bytes(new double[n], dtype);
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < models.size(); i++) {
                Companion companion = new Companion(bytes(companions.get(i), Dtype.F32), Dtype.F32);
                Sums sums = new Sums(List.of(CompanionSums.of(Kernel.create(), companion, n)));
                Step step = operator.step(progress, new Checkpoint(i + 1L, "run", i), sums);
                progress = step.next();
                coefficients = step.coefficients();
                fold.update(arena, bytes(models.get(i), dtype), companion, coefficients);
            }
            fold.emit(coefficients, out);
        }
        double[] result = new double[n];
        Kernel.create().decode64(out, dtype, 0, n, result);
        return result;
    }

    private static MemorySegment bytes(double[] values, Dtype dtype) {
        MemorySegment segment = MemorySegment.ofArray(new byte[values.length * dtype.bytes()]);
        Kernel.create().encode64(values, values.length, dtype, segment, 0);
        return segment;
    }

    private static double[] draw(Random random, int n, double from) {
        return random.doubles(n, from, 1).toArray();
    }

    private static double[] of(double... values) {
        return values;
    }
}
