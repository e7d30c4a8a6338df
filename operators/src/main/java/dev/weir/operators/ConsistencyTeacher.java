package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import java.util.List;

/**
 * The teacher of a consistency model: its student itself, without gradient, theta' = theta. An EMA whose decay is 0 by
 * default, which passes every checkpoint through bit for bit; the average for evaluation is another channel with a decay of
 * its own.
 *
 * <p>Source: Song and Dhariwal, Improved Techniques for Training Consistency Models (2023), section 3.2.
 */
final class ConsistencyTeacher {

    static final OperatorSpec SPEC = new OperatorSpec(
            "consistency-teacher",
            "A13",
            "Improved Techniques for Training Consistency Models",
            "Song, Dhariwal 2023, arXiv:2310.14189, section 3.2",
            List.of(Setting.number("decay", 0, 0, 1 - 0x1p-53, "weight of the past at each accepted checkpoint")),
            Facts.of(
                            "K2 lerp",
                            "m <- m + (1 - d)(theta - m), d = 0: m = theta",
                            "For consistency training, where an average as teacher does harm. Keep a second channel, such as"
                                    + " ema with a decay of 0.9999, for evaluation: the two share nothing.")
                    .feedingBack(),
            settings -> Ema.constant(settings.number("decay")));

    private ConsistencyTeacher() {}
}
