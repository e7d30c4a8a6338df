package dev.weir.topology.compatibility;

import dev.weir.operators.choice.CalibratedLoss;
import dev.weir.operators.choice.CalibrationError;
import java.util.Map;

/** How far the confidence in one evaluation's predictions is from how often they are right, in the order of the log. */
final class Confidences {
    private final CalibrationError error = new CalibrationError();
    private final CalibratedLoss loss = new CalibratedLoss(Map.of());

    /** @param confidence probability of the predicted class, 0 to 1 */
    void add(double confidence, boolean right) {
        error.add(confidence, right);
        loss.add(confidence, right);
    }

    /** Labelled examples that came with probabilities. */
    long examples() {
        return error.examples();
    }

    /** Expected calibration error, 0 to 1; NaN without examples. */
    double error() {
        return error.error();
    }

    /** Mean log loss as it is, in nats; NaN without examples. */
    double loss() {
        return loss.raw();
    }

    /** Mean log loss after online Platt scaling. */
    double scaledLoss() {
        return loss.scaled();
    }
}
