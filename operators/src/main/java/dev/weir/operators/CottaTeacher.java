package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import java.util.List;

/**
 * The teacher of continual test-time adaptation: a moving average of the student after each of its steps, theta' &lt;- a
 * theta' + (1 - a) theta with a = 0.999 by default.
 *
 * <p>Source: Wang et al., Continual Test-Time Domain Adaptation (2022), equation 2; decay of its published settings, not of its
 * code's constructor.
 */
final class CottaTeacher {

    static final OperatorSpec SPEC = new OperatorSpec(
            "cotta-teacher",
            "A12",
            "Continual Test-Time Domain Adaptation",
            "Wang et al. 2022, arXiv:2203.13591, equation 2",
            List.of(Setting.number("decay", 0.999, 0, 1 - 0x1p-53, "weight of the past at each accepted checkpoint")),
            Facts.of(
                            "K2 lerp",
                            "m <- m + (1 - d)(theta - m)",
                            "While a model adapts itself to a stream without labels: the teacher gives the pseudo-labels."
                                    + " Averaging its predictions over augmentations is the trainer's part. Use it beside"
                                    + " cotta-restore.")
                    .feedingBack(),
            settings -> Ema.constant(settings.number("decay")));

    private CottaTeacher() {}
}
