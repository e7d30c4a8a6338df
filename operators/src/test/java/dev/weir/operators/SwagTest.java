package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.shape.Moments;
import dev.weir.operators.shape.Place;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A3 swag")
final class SwagTest {
    private static final int COLUMNS = 3;

    @Test
    void itsMeanIsSwa() {
        double[] stream = new Random(7).doubles(50).toArray();
        assertThat(Scalars.f32(Operators.create("swag", Map.of()), stream))
                .containsExactly(Scalars.f32(Operators.create("swa", Map.of()), stream));
    }

    @Test
    void theVarianceOfASmallSpreadIsNotCancelled() {
        // The difference of squares in f32 gives -1.0e-5 here.
        Random random = new Random(11);
        int n = 20_000;
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) (1 + 1e-4 * random.nextGaussian());
        }
        double mean = java.util.Arrays.stream(values).sum() / n;
        double variance = java.util.Arrays.stream(values)
                        .map(v -> (v - mean) * (v - mean))
                        .sum()
                / n;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = state(arena, new Moments(COLUMNS, 0, 0.5, 0), values);
            double squares = state.get(ValueLayout.JAVA_DOUBLE, 8);
            assertThat(squares / n).isCloseTo(variance, within(1e-6 * variance));
        }
    }

    @Test
    void drawsHaveTheCovarianceThatTheStateSays() {
        double scale = 2;
        double[] values = {1, 4, 2, 8, 5, 7};
        double mean = 27 / 6.0;
        double variance = 159 / 6.0 - mean * mean;
        // Deviations from the mean so far of the newest three: 8, 5, 7.
        double[] columns = {8 - 15 / 4.0, 5 - 20 / 5.0, 7 - 27 / 6.0};
        double low = 0;
        for (double column : columns) {
            low += column * column / (COLUMNS - 1);
        }
        int draws = 40_000;
        double sum = 0;
        double square = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = state(arena, new Moments(COLUMNS, 0, scale, 0), values);
            for (int draw = 1; draw <= draws; draw++) {
                double drawn = draw(arena, state, new Moments(COLUMNS, draw, scale, 9), values.length, "w", 0);
                sum += drawn;
                square += drawn * drawn;
            }
        }
        double drawnMean = sum / draws;
        double drawnVariance = square / draws - drawnMean * drawnMean;
        assertThat(drawnMean).isCloseTo(mean, within(0.15));
        assertThat(drawnVariance)
                .as("scale once, not its square")
                .isCloseTo(scale * (variance + low), within(0.04 * scale * (variance + low)));
    }

    /** Two elements of one tensor and one of another: what they share is the normal of each column. */
    @Test
    void elementsAndTensorsVaryTogetherAsTheColumnsSay() {
        double scale = 0.5;
        double[][] values = {{1, 4, 2, 8, 5, 7}, {2, -1, 3, -4, 0, -3}, {0, 5, 1, 9, 4, 10}};
        String[] tensors = {"w", "w", "v"};
        long[] places = {0, 1, 0};
        double[][] columns = new double[values.length][];
        double[] variances = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            columns[i] = newestDeviations(values[i]);
            double mean = Arrays.stream(values[i]).average().orElseThrow();
            variances[i] = Arrays.stream(values[i])
                    .map(value -> (value - mean) * (value - mean))
                    .average()
                    .orElseThrow();
        }
        int draws = 40_000;
        double[][] drawn = new double[values.length][draws];
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < values.length; i++) {
                MemorySegment state = state(arena, new Moments(COLUMNS, 0, scale, 0), values[i]);
                for (int d = 0; d < draws; d++) {
                    Moments shape = new Moments(COLUMNS, d + 1, scale, 9);
                    drawn[i][d] = draw(arena, state, shape, values[i].length, tensors[i], places[i]);
                }
            }
        }
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j <= i; j++) {
                double expected = scale * (dot(columns[i], columns[j]) / (COLUMNS - 1) + (i == j ? variances[i] : 0));
                double ofI = scale * (dot(columns[i], columns[i]) / (COLUMNS - 1) + variances[i]);
                double ofJ = scale * (dot(columns[j], columns[j]) / (COLUMNS - 1) + variances[j]);
                // Five standard errors of the covariance of so many normal draws.
                double tolerance = 5 * Math.sqrt((ofI * ofJ + expected * expected) / draws);
                assertThat(Math.abs(expected)).isGreaterThan(8 * tolerance);
                assertThat(covariance(drawn[i], drawn[j]))
                        .as("elements %d and %d", i, j)
                        .isCloseTo(expected, within(tolerance));
            }
        }
    }

    /** From the mean so far, of the newest three. */
    private static double[] newestDeviations(double[] values) {
        double[] deviations = new double[COLUMNS];
        for (int k = 0; k < COLUMNS; k++) {
            int count = values.length - COLUMNS + k + 1;
            double mean = Arrays.stream(values, 0, count).average().orElseThrow();
            deviations[k] = values[count - 1] - mean;
        }
        return deviations;
    }

    private static double covariance(double[] a, double[] b) {
        double meanOfA = Arrays.stream(a).average().orElseThrow();
        double meanOfB = Arrays.stream(b).average().orElseThrow();
        return dot(a, b) / a.length - meanOfA * meanOfB;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    @Test
    void whileTheRingIsNotFullItsOwnCountDivides() {
        double[] values = {1, 4};
        double deviation = 4 - 2.5;
        double normal = dev.weir.operators.draw.Draws.normal(dev.weir.operators.draw.Draws.key(5, 1, 2), 1);
        double own = dev.weir.operators.draw.Draws.normal(
                dev.weir.operators.draw.Draws.key(5, 1, 1, dev.weir.operators.draw.Draws.name("w")), 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = state(arena, new Moments(20, 0, 1, 0), values);
            assertThat(draw(arena, state, new Moments(20, 1, 1, 5), 2, "w", 0))
                    .isCloseTo(2.5 + 1.5 * own + deviation * normal, within(1e-12));
        }
    }

    @Test
    void aDrawIsTheSameAgainAndAnotherOfAnotherPlace() {
        double[] values = {1, 4, 2};
        Moments first = new Moments(COLUMNS, 1, 0.5, 3);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = state(arena, first, values);
            double drawn = draw(arena, state, first, 3, "w", 0);
            assertThat(draw(arena, state, first, 3, "w", 0)).isEqualTo(drawn);
            assertThat(draw(arena, state, first, 3, "w", 1)).isNotEqualTo(drawn);
            assertThat(draw(arena, state, first, 3, "v", 0)).isNotEqualTo(drawn);
            assertThat(draw(arena, state, new Moments(COLUMNS, 2, 0.5, 3), 3, "w", 0))
                    .isNotEqualTo(drawn);
        }
    }

    @Test
    void theDrawsOfAChunkAreThoseOfItsPlaceInTheTensor() {
        Random random = new Random(5);
        int elements = 5_000;
        int cut = 1_234;
        float[] theta = new float[elements];
        for (int i = 0; i < elements; i++) {
            theta[i] = (float) random.nextGaussian();
        }
        Moments shape = new Moments(COLUMNS, 1, 0.5, 3);
        byte[] whole = emit(shape, theta, 0, elements);
        byte[] left = emit(shape, theta, 0, cut);
        byte[] right = emit(shape, theta, cut, elements);
        assertThat(java.util.Arrays.copyOf(whole, left.length)).isEqualTo(left);
        assertThat(java.util.Arrays.copyOfRange(whole, left.length, whole.length))
                .isEqualTo(right);
    }

    private static byte[] emit(Moments shape, float[] theta, int from, int to) {
        int n = to - from;
        byte[] out = new byte[4 * n];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(shape.stateBytes(Dtype.F32, n), 8);
            for (int k = 1; k <= 4; k++) {
                float[] part = new float[n];
                for (int i = 0; i < n; i++) {
                    part[i] = theta[from + i] * k;
                }
                List<Double> coefficients = List.of((double) k, (k - 1.0) % COLUMNS);
                shape.update(Kernel.create(), state, MemorySegment.ofArray(part), Dtype.F32, n, coefficients);
            }
            Place place = new Place("w", from);
            shape.emit(Kernel.create(), state, Dtype.F32, n, List.of(4.0, 0.0), place, MemorySegment.ofArray(out));
        }
        return out;
    }

    private static MemorySegment state(Arena arena, Moments shape, double[] values) {
        MemorySegment state = arena.allocate(shape.stateBytes(Dtype.F64, 1), 8);
        for (int i = 0; i < values.length; i++) {
            List<Double> coefficients = List.of(i + 1.0, (double) (i % shape.columns()));
            MemorySegment theta = MemorySegment.ofArray(new double[] {values[i]});
            shape.update(Kernel.create(), state, theta, Dtype.F64, 1, coefficients);
        }
        return state;
    }

    private static double draw(
            Arena arena, MemorySegment state, Moments shape, int n, String tensor, long firstElement) {
        double[] out = new double[1];
        Place place = new Place(tensor, firstElement);
        shape.emit(Kernel.create(), state, Dtype.F64, 1, List.of((double) n, 0.0), place, MemorySegment.ofArray(out));
        return out[0];
    }
}
