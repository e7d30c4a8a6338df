package dev.weir.operators.merge;

import dev.weir.operators.Cost;
import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import java.util.List;
import java.util.Map;

/**
 * SWAMP: the mean of particles, each the SWA of its own run, weighed by how many checkpoints each has, theta = sum n_i
 * theta_i / sum n_i; then, if a sparsity is asked for, global magnitude pruning of the mean, which gives the next mask.
 * Zeros are the smallest magnitudes, so that what was pruned before stays pruned.
 *
 * <p>Source: Choi et al., SWAMP: Sparse Weight Averaging with Multiple Particles for Iterative Magnitude Pruning (2024),
 * algorithm 1.
 *
 * @param counts n_i, checkpoints in each particle's mean, in [0, 1e15]; empty, the default: as many in each
 * @param pruning of the mean; by default none
 */
record Swamp(List<Double> counts, Pruning pruning) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "swamp",
            "B14",
            "SWAMP: Sparse Weight Averaging with Multiple Particles for Iterative Magnitude Pruning",
            "Choi et al. 2024, arXiv:2305.14852, algorithm 1",
            List.of(
                    Setting.numbers(
                            "counts", List.of(), 0, 1e15, "checkpoints in each mean; as many in each when left out"),
                    Setting.number("sparsity", 0, 0, 1, "share of the elements that are set to 0"),
                    Setting.text("prune", "glob over the tensors that are pruned; all when left out")),
            Facts.of(
                            "K6 linear combination, then a global threshold",
                            "theta = sum n_i theta_i / sum n_i; all but the largest round((1 - s) P) magnitudes become 0",
                            "In iterative magnitude pruning: each round's particles give the next mask, usually 20 % sparser."
                                    + " Training the particles and rewinding are the trainer's part.")
                    .costing(Cost.MODEL)
                    .feedingBack(),
            MergeSpec.MODELS,
            Swamp::of);

    Swamp {
        counts = List.copyOf(counts);
    }

    private static Swamp of(Settings settings) {
        settings.refuseIdle("prune", settings.number("sparsity") == 0, "sparsity");
        String pattern = settings.given("prune") ? settings.text("prune") : "*";
        return new Swamp(settings.numbers("counts"), new Pruning(settings.number("sparsity"), pattern));
    }

    @Override
    public Map<String, List<String>> patterns() {
        return Map.of("prune", List.of(pruning.tensors()));
    }

    @Override
    public Coefficients coefficients(Models models) {
        return Coefficients.same(models, Weights.shares("swamp", "counts", counts, models.count()));
    }
}
