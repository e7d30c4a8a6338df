package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("B7 model-stock")
final class ModelStockTest {
    private static final long SEED = 20_261_128;

    @Test
    void givesTheGoldenNumbers() {
        double[][] three = {of(0, 0, 0), of(1, 2, 2), of(2, 1, -2), of(2, 2, 1)};
        double[] golden = {1.176470588, 1.176470588, 0.235294118};
        assertThat(fold(Dtype.F64, 3, three)).containsExactly(golden, within(1e-9));
        assertThat(fold(Dtype.F32, 3, three)).containsExactly(golden, within(1e-7));
        assertThat(ratio(three)).isCloseTo(0.705882353, within(1e-9));
        assertThat(cosine(ratio(three), 3)).isCloseTo(0.444444444, within(1e-9));
        double[][] two = {of(0, 0, 0), of(3, 0, 4), of(0, 3, 4)};
        double[] goldenOfTwo = {1.170731707, 1.170731707, 3.121951220};
        assertThat(fold(Dtype.F64, 3, two)).containsExactly(goldenOfTwo, within(1e-9));
        assertThat(fold(Dtype.F32, 3, two)).containsExactly(goldenOfTwo, within(3e-7));
    }

    @Test
    void equalDifferencesGiveTheMeanAndOrthogonalOnesTheBase() {
        assertThat(fold(Dtype.F64, 2, of(1, 1), of(2, 3), of(2, 3))).containsExactly(of(2, 3), within(1e-15));
        assertThat(fold(Dtype.F64, 2, of(1, 1), of(2, 1), of(1, 3))).containsExactly(of(1, 1), within(1e-15));
    }

    @Test
    void withEqualNormsAndAnglesItIsPerpendicularToTheModelsPlane() {
        double[][] d = {of(2, 1, 1, 1), of(1, 2, 1, 1), of(1, 1, 2, 1)};
        double[] merged = fold(Dtype.F64, 4, of(0, 0, 0, 0), d[0], d[1], d[2]);
        for (double[] one : d) {
            assertThat(dot(merged, one)).isCloseTo(dot(d[0], d[1]), within(1e-12));
        }
    }

    @Test
    void theCosineOfTwoVectorsIsTheMeanOverThePairs() {
        double[][] models = models(5, 300);
        double pairs = 0;
        for (int i = 1; i < 5; i++) {
            for (int j = 1; j < i; j++) {
                double[] a = minus(models[i], models[0]);
                double[] b = minus(models[j], models[0]);
                pairs += dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)) / 6;
            }
        }
        assertThat(cosine(ratio(models), 4)).isCloseTo(pairs, within(1e-12));
    }

    @Test
    void tensorsThatHardlyMovedHaveTheSameAngleAsThoseThatDid() {
        double[] large = fold(Dtype.F64, 3, of(0, 0, 0), of(3, 0, 4), of(0, 3, 4));
        double[] tiny = fold(Dtype.F64, 3, of(0, 0, 0), of(3e-9, 0, 4e-9), of(0, 3e-9, 4e-9));
        for (int i = 0; i < 3; i++) {
            assertThat(tiny[i] * 1e9).isCloseTo(large[i], within(1e-12));
        }
    }

    @Test
    void oppositeDifferencesAreKeptAtTheBaseAndCounted() {
        double[][] opposite = {of(0, 0), of(1, 0), of(-1, 0.1)};
        assertThat(fold(Dtype.F64, 2, opposite)).containsExactly(0, 0);
        assertThat(new ModelStock().shape().clamped(coefficients(Dtype.F64, 2, opposite)))
                .isEqualTo(1);
        // Three directions that cancel: c = -1 / 2, where t has its pole.
        double h = Math.sqrt(3) / 2;
        assertThat(fold(Dtype.F64, 2, of(0, 0), of(1, 0), of(-0.5, h), of(-0.5, -h)))
                .containsExactly(0, 0);
    }

    @Test
    void aModelEqualToTheBaseHasNoDirection() {
        assertThat(fold(Dtype.F64, 2, of(1, 1), of(2, 1), of(1, 1))).containsExactly(1, 1);
        assertThat(fold(Dtype.F64, 2, of(1, 1), of(2, 3))).containsExactly(2, 3);
        assertThat(fold(Dtype.F64, 2, of(1, 1))).containsExactly(1, 1);
    }

    @Test
    void chunksOfATensorShareItsSumsAndBitsDoNotDependOnWhoHoldsThem() {
        double[][] models = models(4, 9_001);
        assertThat(fold(Dtype.F64, 4_000, models)).containsExactly(fold(Dtype.F64, 9_001, models), within(1e-14));
        assertThat(fold(Dtype.F32, 4_000, models)).isEqualTo(fold(Dtype.F32, 4_000, models));
    }

    @Test
    void theRatioIsTheLeastExpectedDistanceWhenModelsScatterAlikeAroundACentre() {
        int elements = 200_000;
        Random random = new Random(SEED);
        double[] centre = random.doubles(elements, -1, 1).toArray();
        double[][] models = new double[4][elements];
        for (int i = 1; i < models.length; i++) {
            for (int e = 0; e < elements; e++) {
                models[i][e] = centre[e] + 0.8 * random.nextGaussian();
            }
        }
        double[] merged = fold(Dtype.F64, elements, models);
        double reached = distance(merged, centre, 1);
        double[] mean = new double[elements];
        for (int e = 0; e < elements; e++) {
            mean[e] = (models[1][e] + models[2][e] + models[3][e]) / 3;
        }
        double least = Double.POSITIVE_INFINITY;
        for (int percent = 0; percent <= 100; percent++) {
            least = Math.min(least, distance(mean, centre, percent / 100.0));
        }
        assertThat(reached).isLessThan(1.0005 * least).isLessThan(0.95 * distance(mean, centre, 1));
    }

    private static double distance(double[] model, double[] centre, double share) {
        double sum = 0;
        for (int e = 0; e < model.length; e++) {
            double difference = share * model[e] - centre[e];
            sum += difference * difference;
        }
        return Math.sqrt(sum);
    }

    /** Folds models of one tensor in chunks of so many elements, each with a state of its own. */
    private static double[] fold(Dtype dtype, int chunkElements, double[]... models) {
        double[] merged = new double[models[0].length];
        run(dtype, chunkElements, merged, models);
        return merged;
    }

    private static List<Double> coefficients(Dtype dtype, int chunkElements, double[]... models) {
        return run(dtype, chunkElements, new double[models[0].length], models);
    }

    private static double ratio(double[]... models) {
        return coefficients(Dtype.F64, models[0].length, models).get(2);
    }

    private static List<Double> run(Dtype dtype, int chunkElements, double[] merged, double[]... models) {
        Kernel kernel = Kernel.create();
        TensorSpec tensor = new TensorSpec("w", dtype, List.of((long) merged.length));
        Layout layout = Layout.of(List.of(tensor), chunkElements);
        ModelStock operator = new ModelStock();
        List<ChunkFold> folds = new ArrayList<>();
        for (int c = 0; c < layout.chunkCount(); c++) {
            folds.add(new ChunkFold(kernel, operator, TensorPolicy.AVERAGE, tensor, layout.chunk(c)));
        }
        List<Double> newest = List.of();
        Progress progress = Progress.START;
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < models.length; i++) {
                double[] sums = new double[2];
                for (int c = 0; c < folds.size(); c++) {
                    double[] part = folds.get(c).reduce(chunk(models[i], layout, c));
                    sums[0] += part[0];
                    sums[1] += part[1];
                }
                Step step =
                        operator.step(progress, new Checkpoint(i + 1L, "run-" + i, i + 1L), new Sums(List.of(sums)));
                progress = step.next();
                newest = step.coefficients();
                for (int c = 0; c < folds.size(); c++) {
                    folds.get(c).update(arena, chunk(models[i], layout, c), newest);
                }
            }
            for (int c = 0; c < folds.size(); c++) {
                int elements = layout.chunk(c).elements();
                MemorySegment out = arena.allocate((long) dtype.bytes() * elements, 8);
                folds.get(c).emit(newest, out);
                double[] values = new double[elements];
                kernel.decode64(out, dtype, 0, elements, values);
                System.arraycopy(values, 0, merged, (int) layout.chunk(c).firstElement(), elements);
            }
        }
        return newest;
    }

    private static MemorySegment chunk(double[] model, Layout layout, int number) {
        var chunk = layout.chunk(number);
        Dtype dtype = layout.tensorOf(chunk).dtype();
        int from = (int) chunk.firstElement();
        MemorySegment bytes = MemorySegment.ofArray(new byte[chunk.byteSize()]);
        Kernel.create()
                .encode64(Arrays.copyOfRange(model, from, from + chunk.elements()), chunk.elements(), dtype, bytes, 0);
        return bytes;
    }

    /** The mean cosine of which t = n c / (1 + (n - 1) c). */
    private static double cosine(double t, int n) {
        return t / (n - (n - 1) * t);
    }

    private static double[][] models(int count, int elements) {
        Random random = new Random(SEED);
        double[][] models = new double[count][elements];
        for (int i = 0; i < count; i++) {
            for (int e = 0; e < elements; e++) {
                models[i][e] = (i == 0 ? 0 : models[0][e] + 0.5) + random.nextGaussian();
            }
        }
        return models;
    }

    private static double[] minus(double[] a, double[] b) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[] of(double... values) {
        return values;
    }
}
