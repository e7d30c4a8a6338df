package dev.weir.operators;

import dev.weir.operators.shape.Shape;
import dev.weir.schemas.tensor.Provenance;
import java.util.List;

/**
 * Model ratatouille: the plain mean of models fine-tuned on the target task, theta = (1 / K) sum theta_k, theta_k started
 * from weights fine-tuned on auxiliary task k, all of them descending from one pre-trained ancestor. One checkpoint a run; a
 * run that says that it descends from elsewhere, or that its auxiliary task is its target, passes by, as often as it comes.
 *
 * <p>Source: Ram&eacute; et al., Model Ratatouille: Recycling Diverse Models for Out-of-Distribution Generalization (2023),
 * section 2.
 *
 * @param ancestor what every run must say that it descends from; empty, the default: what the first that says anything says
 */
public record Ratatouille(String ancestor) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "ratatouille",
            "B5",
            "Model Ratatouille: Recycling Diverse Models for Out-of-Distribution Generalization",
            "Ramé et al. 2023, arXiv:2212.10445, section 2",
            List.of(Ancestry.SETTING),
            Facts.of(
                            "K1 weighted mean",
                            "theta = (1 / K) sum theta_k, theta_k fine-tuned on the target from auxiliary weights k",
                            "As diwa, with more diverse ingredients. Handing auxiliary weights to the runs is the trainers' part;"
                                    + " what they say of it as provenance is compared. A run of another ancestor than the first to"
                                    + " name one passes by as `ancestor-differs`, one whose auxiliary task is its target as"
                                    + " `auxiliary-is-target`; over files, where the metadata say it, either is an error.")
                    .feedingBack(),
            settings -> new Ratatouille(settings.text("ancestor")));

    private static final UniformSoup SOUP = new UniformSoup(true);

    @Override
    public Shape shape() {
        return SOUP.shape();
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        Step taken = SOUP.step(progress, checkpoint);
        String refusal = taken.enters() ? refusal(progress, checkpoint) : "";
        if (!refusal.isEmpty()) {
            // The run is not marked as one that has entered: it may come again from elsewhere.
            return Step.unfit(progress, refusal);
        }
        return taken.enters() ? new Step(Ancestry.noted(taken.next(), checkpoint), taken.coefficients()) : taken;
    }

    private String refusal(Progress progress, Checkpoint checkpoint) {
        String auxiliary = checkpoint.provenance().getOrDefault(Provenance.AUXILIARY, "");
        if (!auxiliary.isEmpty() && auxiliary.equals(checkpoint.provenance().get(Provenance.TARGET))) {
            return "auxiliary-is-target: run " + checkpoint.run() + " began with weights fine-tuned on its target, "
                    + auxiliary + "; allowed: another auxiliary task";
        }
        return Ancestry.refusal(ancestor, progress, checkpoint);
    }
}
