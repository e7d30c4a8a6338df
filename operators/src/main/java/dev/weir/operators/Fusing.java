package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.shape.Rounds;
import dev.weir.operators.shape.Shape;
import java.util.List;

/**
 * Fusing: the mean of fine-tuned models' bodies becomes the next base, from which the next round's models are fine-tuned.
 * Moving only a part of the way from the old base, which iterated rounds may do, is (1 - a) base + a mean: the first model is
 * the base then. Weights of another pre-trained ancestor pass by.
 *
 * <p>Source: Choshen et al., Fusing finetuned models for better pretraining (2022), section 3; Don-Yehiya et al., ColD Fusion
 * (2022), for the rounds.
 *
 * @param share a, in [0, 1]; with 1, the default, there is no base among the models
 * @param models of a round, 0 or more; 0, the default: all are of one round
 * @param ancestor what every run must say that it descends from; empty, the default: what the first that says anything says
 */
public record Fusing(double share, long models, String ancestor) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "fusing",
            "B6",
            "Fusing finetuned models for better pretraining",
            "Choshen et al. 2022, arXiv:2204.03044, section 3",
            List.of(
                    Setting.number(
                            "share", 1, 0, 1, "how far to go from the base, the first model; 1: no base is given"),
                    Setting.integer("models", 0, 0, 1L << 50, "models of a round; 0: all are of one round"),
                    Ancestry.SETTING),
            Facts.of(
                            "K3 tumbling windows",
                            "theta = (1 - a) base + (a / n) sum theta_i, which is the next base",
                            "To get a better start for further fine-tuning. With models, a version comes out at each round's end"
                                    + " alone (and of the base): the next base, which trainers take by following the channel;"
                                    + " feedback-steps sends it to the run that ends the round. Heads, which belong to the tasks,"
                                    + " are left out by the policy skip. A run that says that it descends from another pre-trained"
                                    + " model than the first to name one passes by as `ancestor-differs`; over files, where the"
                                    + " metadata say it, that is an error. The ancestor stays the same over the rounds: which"
                                    + " round's base a run began with is for you to see to.")
                    .feedingBack(),
            settings -> new Fusing(settings.number("share"), settings.integer("models"), settings.text("ancestor")));

    @Override
    public Shape shape() {
        return new Rounds(share);
    }

    @Override
    public boolean beginsWithBase() {
        return share < 1;
    }

    @Override
    public boolean emits(Progress next) {
        return models == 0 || fused(next) % models == 0;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        String refusal = Ancestry.refusal(ancestor, progress, checkpoint);
        if (!refusal.isEmpty()) {
            return Step.unfit(progress, refusal);
        }
        Progress next = Ancestry.noted(progress.enter(checkpoint, 1), checkpoint);
        long fused = fused(next);
        if (fused == 0) {
            return new Step(next, List.of(0.0, 0.0));
        }
        double position = models == 0 ? fused : (fused - 1) % models + 1;
        return new Step(next, List.of(position, position == models ? 1.0 : 0.0));
    }

    /** Models that have entered, the base not counted. */
    private long fused(Progress progress) {
        return progress.updates() - (beginsWithBase() ? 1 : 0);
    }
}
