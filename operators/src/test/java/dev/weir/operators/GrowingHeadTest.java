package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.schemas.tensor.Dtype;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A head to which rows come for new classes, at a checkpoint in the middle of a run. */
@DisplayName("A5 online-ensemble, a head that grows")
final class GrowingHeadTest {
    private static final long SEED = 20_261_129;
    private static final double DECAY = 0.9;
    private static final int WIDTH = 11;
    private static final int OLD_ROWS = 3;
    private static final int NEW_ROWS = 2;
    private static final int CHECKPOINTS = 20;
    /** Number of the first checkpoint with the new rows, from 0. */
    private static final int GROWN_AT = 8;

    @ParameterizedTest
    @CsvSource({"decay", "uniform", "linear", "quadratic", "logarithmic", "exponential"})
    void newRowsWithACountOfTheirOwnAreCopiedFirstAndThenAnAverageThatBeganThere(String weighting) {
        double[][] rows = Arrays.copyOfRange(rows(Dtype.F64, NEW_ROWS, 1), GROWN_AT, CHECKPOINTS);
        Map<String, ?> settings = weighting.equals("decay") || weighting.equals("exponential")
                ? Map.of("weighting", weighting, "decay", DECAY)
                : Map.of("weighting", weighting);
        Models.Folded folded = fold(Dtype.F64, settings, rows);
        assertThat(folded.after(0)).containsExactly(rows[0]);
        for (int n = 1; n <= rows.length; n++) {
            for (int i = 0; i < rows[0].length; i++) {
                double sum = 0;
                double weights = 0;
                for (int t = 1; t <= n; t++) {
                    double weight = switch (weighting) {
                        case "decay" -> Math.pow(DECAY, n - t) * (t == 1 ? 1 : 1 - DECAY);
                        case "linear" -> t;
                        case "quadratic" -> t * t;
                        case "logarithmic" -> 1 + Math.log(t);
                        case "exponential" -> Math.pow(DECAY, -t);
                        default -> 1;
                    };
                    sum += weight * rows[t - 1][i];
                    weights += weight;
                }
                assertThat(folded.after(n - 1)[i])
                        .as("%s after %d of its own", weighting, n)
                        .isCloseTo(sum / weights, within(1e-13));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32"})
    void aModelThatBeginsWithTheAverageAndTheNewRowsGoesOnBitForBit(Dtype dtype) {
        double[][] old = rows(dtype, OLD_ROWS, 0);
        double[][] added = rows(dtype, NEW_ROWS, 1);
        Models.Folded throughout = fold(dtype, Map.of("decay", DECAY), old);
        Models.Folded fromThere = fold(dtype, Map.of("decay", DECAY), Arrays.copyOfRange(added, GROWN_AT, CHECKPOINTS));

        double[][] grown = new double[1 + CHECKPOINTS - GROWN_AT][];
        grown[0] = joined(throughout.after(GROWN_AT - 1), added[GROWN_AT]);
        for (int i = GROWN_AT; i < CHECKPOINTS; i++) {
            grown[1 + i - GROWN_AT] = joined(old[i], added[i]);
        }
        Models.Folded second = fold(dtype, Map.of("decay", DECAY), grown);

        for (int i = GROWN_AT; i < CHECKPOINTS; i++) {
            assertThat(second.after(1 + i - GROWN_AT))
                    .as("checkpoint " + i)
                    .containsExactly(joined(throughout.after(i), fromThere.after(i - GROWN_AT)));
        }
    }

    @Test
    void rowsThatWereThereFromTheBeginningAndStoodStillDifferByAPowerOfTheDecay() {
        double[][] rows = rows(Dtype.F64, NEW_ROWS, 1);
        double[] idle = rows[0];
        for (int i = 0; i < GROWN_AT; i++) {
            rows[i] = idle;
        }
        Models.Folded padded = fold(Dtype.F64, Map.of("decay", DECAY), rows);
        Models.Folded fromThere =
                fold(Dtype.F64, Map.of("decay", DECAY), Arrays.copyOfRange(rows, GROWN_AT, CHECKPOINTS));
        for (int n = GROWN_AT; n < CHECKPOINTS; n++) {
            for (int i = 0; i < idle.length; i++) {
                double difference = Math.pow(DECAY, n - GROWN_AT + 1) * (rows[GROWN_AT][i] - idle[i]);
                assertThat(fromThere.after(n - GROWN_AT)[i])
                        .as("checkpoint " + n)
                        .isCloseTo(padded.after(n)[i] + difference, within(1e-14));
            }
        }
    }

    private static Models.Folded fold(Dtype dtype, Map<String, ?> settings, double[]... models) {
        return new Models(Operators.create("online-ensemble", settings), dtype, 7, -1, List.of()).one(models);
    }

    /** So many rows of every checkpoint, values that the dtype has. */
    private static double[][] rows(Dtype dtype, int count, int salt) {
        Random random = new Random(SEED + salt);
        double[][] rows = new double[CHECKPOINTS][];
        for (int i = 0; i < CHECKPOINTS; i++) {
            rows[i] = random.doubles((long) count * WIDTH, -1, 1)
                    .map(value -> dtype == Dtype.F32 ? (float) value : value)
                    .toArray();
        }
        return rows;
    }

    private static double[] joined(double[] first, double[] second) {
        double[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }
}
