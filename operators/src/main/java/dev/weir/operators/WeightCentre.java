package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import java.util.List;

/**
 * The centre of weight centralisation: the plain mean of the epochs' weights, c_n = (1 / n) sum theta_e, toward which
 * trainers are pulled by a penalty lambda |theta - c|^2, whose gradient is 2 lambda (theta - c). The centre as a running
 * mean follows from the abstract's "average of the weight of previous epochs"; the published code does not contain this
 * part.
 *
 * <p>Source: Zhao et al., Fast Adversarial Training with Smooth Convergence (2023).
 */
final class WeightCentre {

    static final OperatorSpec SPEC = new OperatorSpec(
            "weight-centre",
            "A14",
            "Fast Adversarial Training with Smooth Convergence",
            "Zhao et al. 2023, arXiv:2308.12857",
            List.of(
                    Setting.integer("from-step", 0, 0, Long.MAX_VALUE, "first trainer step that enters"),
                    Setting.integer("every", 1, 1, 1L << 50, "checkpoints of an epoch: one in so many enters")),
            Facts.of(
                            "K1 weighted mean",
                            "c = mean of theta at the epochs' ends; the trainer adds 2 lambda (theta - c) to its gradient",
                            "Against a sudden loss of robustness in fast adversarial training. The penalty is the trainer's"
                                    + " part.")
                    .feedingBack(),
            settings -> new Swa(settings.integer("from-step"), settings.integer("every")));

    private WeightCentre() {}
}
