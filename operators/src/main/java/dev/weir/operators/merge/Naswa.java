package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.setting.Setting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Norm-filtered aggressive SWA: a checkpoint enters the mean only when its distance r from it exceeds the mean of the
 * distances that were noted since the last one entered; else the distance is noted. r is the mean or the maximum over the
 * tensors of the Euclidean distance. The notes are kept as a sum and a count, are begun again with r when one enters, and are
 * forgotten at an epoch's end. The first model is copied. All tensors that match count, not two by their number.
 *
 * <p>Source: Madhyastha and Jain, On Model Stability as a Function of Random Seed (2019), section 4.
 *
 * @param largest whether r is the maximum rather than the mean
 * @param tensors glob over the tensors whose distances count
 * @param epochSteps trainer steps of an epoch; 0: one epoch
 */
record Naswa(boolean largest, String tensors, long epochSteps) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "naswa",
            "A2",
            "On Model Stability as a Function of Random Seed",
            "Madhyastha, Jain 2019, arXiv:1909.10447",
            List.of(
                    Setting.choice("distance", List.of("mean", "max"), "how the distances of the tensors become one"),
                    Setting.text("tensors", "glob over the tensors whose distances count; all when it is left out"),
                    Setting.integer("epoch-steps", 0, 0, 1L << 50, "trainer steps of an epoch; 0: one epoch")),
            Facts.of(
                    "K4 reductions, then K6 linear combination",
                    "w = mean of the checkpoints with r_t = mean or max of |w - theta_t| above the mean of the noted r",
                    "As aswa, leaving out checkpoints that bring nothing new. Reads the files twice."),
            MergeSpec.MODELS,
            settings -> new Naswa(
                    settings.text("distance").equals("max"),
                    settings.given("tensors") ? settings.text("tensors") : "*",
                    settings.integer("epoch-steps")));

    @Override
    public boolean needsGrams() {
        return true;
    }

    @Override
    public Coefficients coefficients(Models models) {
        TensorPolicy.Rule rule = new TensorPolicy.Rule(tensors, TensorPolicy.AVERAGE);
        List<Gram> grams = new ArrayList<>();
        for (int i = 0; i < models.tensors().size(); i++) {
            if (rule.matches(models.tensors().get(i))) {
                grams.add(models.grams().get(i));
            }
        }
        if (grams.isEmpty()) {
            throw new IllegalArgumentException(
                    "operator naswa: setting tensors: " + tensors + " matches no tensor that is averaged");
        }
        double[] mean = new double[models.count()];
        mean[0] = 1;
        int entered = 1;
        double sum = 0;
        long noted = 0;
        for (int t = 1; t < models.count(); t++) {
            if (epoch(models, t) != epoch(models, t - 1)) {
                sum = 0;
                noted = 0;
            }
            double distance = distance(grams, mean, t);
            if (distance > (noted == 0 ? 0 : sum / noted)) {
                entered++;
                for (int i = 0; i <= t; i++) {
                    mean[i] += ((i == t ? 1 : 0) - mean[i]) / entered;
                }
                sum = distance;
                noted = 1;
            } else if (distance > 0) {
                sum += distance;
                noted++;
            }
        }
        return Coefficients.same(models, mean).counting("entered", entered);
    }

    private double distance(List<Gram> grams, double[] mean, int model) {
        double[] difference = mean.clone();
        difference[model] -= 1;
        double[] lengths =
                grams.stream().mapToDouble(gram -> gram.lengthOf(difference)).toArray();
        return largest
                ? Arrays.stream(lengths).max().orElse(0)
                : Arrays.stream(lengths).sum() / lengths.length;
    }

    private long epoch(Models models, int model) {
        long step = models.stepsOrNumbers().get(model);
        return epochSteps == 0 ? 0 : Math.max(0, step - 1) / epochSteps;
    }
}
