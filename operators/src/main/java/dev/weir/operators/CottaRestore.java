package dev.weir.operators;

import dev.weir.operators.draw.Draws;
import dev.weir.operators.setting.Setting;
import dev.weir.operators.shape.Restore;
import dev.weir.operators.shape.Shape;
import java.util.List;

/**
 * Stochastic restore of continual test-time adaptation: every element of the newest student goes back to the source model,
 * the first checkpoint, with a small probability: theta &lt;- M theta_0 + (1 - M) theta, M ~ Bernoulli(p) for each element.
 * The draws depend on the seed, the run, its step, the tensor and the element alone, so that a replay restores the same
 * elements.
 *
 * <p>Source: Wang et al., Continual Test-Time Domain Adaptation (2022), equations 7 and 8.
 *
 * @param probability p, with which an element is restored, in [0, 1]; default 0.01
 * @param seed of the draws, 0 or more; default 0
 */
public record CottaRestore(double probability, long seed) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "cotta-restore",
            "A12",
            "Continual Test-Time Domain Adaptation",
            "Wang et al. 2022, arXiv:2203.13591, equations 7 and 8",
            List.of(
                    Setting.number("probability", 0.01, 0, 1, "probability that an element is restored"),
                    Setting.integer("seed", 0, 0, 1L << 50, "seed of the draws")),
            Facts.of(
                            "random restore",
                            "theta <- M theta_source + (1 - M) theta, M ~ Bernoulli(p) for each element",
                            "Against forgetting while a model adapts itself. The first checkpoint is the source model. With"
                                    + " feedback-steps: 1 in a plan the student goes on from the result after each checkpoint.")
                    .feedingBack(),
            settings -> new CottaRestore(settings.number("probability"), settings.integer("seed")));

    @Override
    public Shape shape() {
        return new Restore(probability, seed);
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        // 52 bits, which a double holds exactly.
        double run = Draws.name(checkpoint.run()) >>> 12;
        double first = progress.updates() == 0 ? 1 : 0;
        return new Step(progress.enter(checkpoint, 1), List.of(first, (double) checkpoint.step(), run));
    }
}
