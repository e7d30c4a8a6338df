package dev.weir.operators.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class CalibrationErrorTest {
    @Test
    void itIsTheMeanDistanceOfConfidenceFromAccuracyByBin() {
        CalibrationError error = new CalibrationError();
        // Bin of 0.9 to 0.933: two of three right. Bin of 0.467 to 0.533: one of one.
        error.add(0.91, true);
        error.add(0.92, false);
        error.add(0.93, true);
        error.add(0.5, true);
        assertThat(error.error()).isCloseTo((Math.abs(2 - 2.76) + Math.abs(1 - 0.5)) / 4, within(1e-9));
        assertThat(error.examples()).isEqualTo(4);
    }

    @Test
    void certaintyBelongsToTheLastBinAndNothingHasNoError() {
        CalibrationError error = new CalibrationError();
        assertThat(error.error()).isNaN();
        error.add(1, true);
        error.add(0, false);
        assertThat(error.error()).isZero();
        assertThatThrownBy(() -> error.add(1.0000001, true)).hasMessageContaining("allowed: 0 to 1");
        assertThatThrownBy(() -> error.add(Double.NaN, true)).hasMessageContaining("confidence: NaN");
    }

    @Test
    void neitherOrderNorPartsChangeABit() {
        long seed = 20_261_129;
        Random random = new Random(seed);
        double[] confidences = random.doubles(10_000).toArray();
        CalibrationError forwards = new CalibrationError();
        CalibrationError backwards = new CalibrationError();
        CalibrationError part = new CalibrationError();
        for (int i = 0; i < confidences.length; i++) {
            forwards.add(confidences[i], confidences[i] > 0.3);
            int j = confidences.length - 1 - i;
            (j % 2 == 0 ? backwards : part).add(confidences[j], confidences[j] > 0.3);
        }
        backwards.add(part);
        assertThat(backwards.error()).as("seed %d", seed).isEqualTo(forwards.error());
    }
}
