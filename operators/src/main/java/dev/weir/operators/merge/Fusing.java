package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.setting.Setting;
import java.util.Arrays;
import java.util.List;

/**
 * Fusing: the mean of fine-tuned models' bodies becomes the next base; heads are left out. Moving only a part of the way
 * from the old base, which iterated rounds may do, is (1 - a) base + a mean: the first model is the base then.
 *
 * <p>Source: Choshen et al., Fusing finetuned models for better pretraining (2022), section 3; Don-Yehiya et al., ColD Fusion
 * (2022), for the rounds.
 *
 * @param heads globs over the names of the tensors that are left out
 * @param share a, in [0, 1]; with 1 there is no base among the models
 */
record Fusing(List<String> heads, double share) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "fusing",
            "B6",
            "Fusing finetuned models for better pretraining",
            "Choshen et al. 2022, arXiv:2204.03044, section 3",
            List.of(
                    Setting.text("heads", "globs over tensors that are left out, with commas between"),
                    Setting.number(
                            "share", 1, 0, 1, "how far to go from the base, the first input; 1: no base is given")),
            Facts.of(
                            "K6 linear combination",
                            "theta = (1 / n) sum theta_i, or (1 - a) base + a / (n - 1) sum of the others",
                            "To get a better start for further fine-tuning. Name the heads, which belong to the tasks. Layouts"
                                    + " are compared; that all models come from one base is for you to see to.")
                    .feedingBack(),
            MergeSpec.MODELS,
            settings -> new Fusing(
                    settings.given("heads") ? List.of(settings.text("heads").split(",", -1)) : List.of(),
                    settings.number("share")));

    Fusing {
        heads = List.copyOf(heads);
    }

    @Override
    public List<TensorPolicy.Rule> rules() {
        return heads.stream()
                .map(head -> new TensorPolicy.Rule(head, TensorPolicy.SKIP))
                .toList();
    }

    @Override
    public Coefficients coefficients(Models models) {
        int count = models.count();
        if (share == 1) {
            return Coefficients.same(models, Coefficients.uniform(count));
        }
        if (count < 2) {
            throw new IllegalArgumentException(
                    "operator fusing: 1 model and a share of " + share + "; allowed: the base and one or more models");
        }
        double[] others = new double[count - 1];
        Arrays.fill(others, share / others.length);
        return Coefficients.same(models, Coefficients.onBase(others));
    }
}
