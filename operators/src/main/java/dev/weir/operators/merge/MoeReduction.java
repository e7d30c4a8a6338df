package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import java.util.List;

/**
 * Aggregation of local mixtures of experts whose experts are aligned: the parameters' mean, each machine weighed by its
 * number of examples, theta = sum (n_k / N) theta_k, which is the barycentre of points under the squared distance. Experts
 * of several machines are brought into one order by weight matching of the axis that they share, the linear assignment that
 * the transport plan is when both sides have as many experts of equal mass. The paper's divergence between unlike mixtures
 * needs features, and is outside.
 *
 * <p>Source: Chamroukhi and Pham, Distributed Learning of Mixtures of Experts (2023), section 3.
 *
 * @param examples n_k of each machine, in [0, 1e15]; empty, the default: as many on each
 */
record MoeReduction(List<Double> examples) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "moe-reduction",
            "B22",
            "Distributed Learning of Mixtures of Experts",
            "Chamroukhi, Pham 2023, section 3",
            List.of(Setting.numbers(
                    "examples", List.of(), 0, 1e15, "examples of each machine; as many on each when left out")),
            Facts.of(
                    "K6 linear combination",
                    "theta = sum (n_k / N) theta_k for experts in one order",
                    "For small statistical mixtures that were fitted on several machines. Bring the experts into one order"
                            + " before: weir align --to machine-1.safetensors --spec experts.yaml -o aligned-2.safetensors"
                            + " machine-2.safetensors, with the experts' axis as a group of the spec. The transport divergence"
                            + " between mixtures of other sizes, the paper's own contribution, is outside: it needs features."),
            MergeSpec.MODELS,
            settings -> new MoeReduction(settings.numbers("examples")));

    MoeReduction {
        examples = List.copyOf(examples);
    }

    @Override
    public Coefficients coefficients(Models models) {
        return Coefficients.same(models, Weights.shares("moe-reduction", "examples", examples, models.count()));
    }
}
