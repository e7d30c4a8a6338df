package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * SWAD: the mean of the segments between the end of underfitting and the beginning of overfitting, found from validation
 * losses. s is the first segment whose loss is the smallest of those of s .. s + patience - 1; the threshold is tolerance times
 * their mean; j is the first segment after s from which on overfit-patience losses all exceed it. Segments s .. j - 1 count
 * alike. Without s, the newest segment is taken, which is counted as not converged.
 *
 * <p>Source: Cha et al., SWAD: Domain Generalization by Seeking Flat Minima (2021), algorithm 1, as in Berezovskiy and Morozov,
 * Weight Averaging Improves Knowledge Distillation under Domain Shift (2023). The queue of the published code keeps one
 * segment too early and ends late; this is the rule as stated.
 *
 * @param losses validation loss L of each segment, in [0, 1e300]; none by default, and one each is needed
 * @param segment models that a segment is the mean of, 1 to 100; default 1
 * @param patience n_c, 1 to 1,000; default 3
 * @param overfitPatience n_t, 1 to 1,000; default 6
 * @param tolerance r, in [1, 100]; default 1.3
 */
record Swad(List<Double> losses, int segment, int patience, int overfitPatience, double tolerance)
        implements LinearMerge {

    /** How many checkpoints a segment is the mean of. */
    static final Setting SEGMENT =
            Setting.integer("segment", 1, 1, 100, "checkpoints, one after the other, that a segment is the mean of");

    static final MergeSpec SPEC = new MergeSpec(
            "swad",
            "A11",
            "Weight Averaging Improves Knowledge Distillation under Domain Shift",
            "Cha et al. 2021, arXiv:2102.08604, algorithm 1, and Berezovskiy, Morozov 2023, arXiv:2309.11446",
            List.of(
                    Setting.numbers("losses", List.of(), 0, 1e300, "validation loss of each segment; needed"),
                    SEGMENT,
                    Setting.integer("patience", 3, 1, 1_000, "losses of which the first must be the smallest to begin"),
                    Setting.integer(
                            "overfit-patience", 6, 1, 1_000, "losses that must all exceed the threshold to end"),
                    Setting.number(
                            "tolerance", 1.3, 1, 100, "threshold, as a multiple of the losses at the beginning")),
            Facts.of(
                            "K6 linear combination",
                            "theta = mean of the segment means s .. j - 1",
                            "For data unlike the training data, with a validation loss. A segment is the mean of so many"
                                    + " inputs; where they are means already, such as the snapshots of windowed-swa, of one.")
                    .needing("validation losses"),
            List.of("checkpoints of the segments"),
            settings -> new Swad(
                    settings.numbers("losses"),
                    (int) settings.integer("segment"),
                    (int) settings.integer("patience"),
                    (int) settings.integer("overfit-patience"),
                    settings.number("tolerance")));

    Swad {
        losses = List.copyOf(losses);
    }

    @Override
    public Coefficients coefficients(Models models) {
        if (losses.size() * segment != models.count()) {
            throw new IllegalArgumentException("operator swad: setting losses: " + losses.size() + " losses for "
                    + models.count() + " checkpoints in segments of " + segment + "; allowed: one a segment");
        }
        int begin = begin();
        if (begin < 0) {
            double[] newest = mean(losses.size(), segment, List.of(losses.size() - 1));
            return Coefficients.same(models, newest).counting("not-converged", 1);
        }
        List<Integer> window = IntStream.range(begin, end(begin)).boxed().toList();
        return Coefficients.same(models, mean(losses.size(), segment, window)).counting("segments", window.size());
    }

    /**
     * The mean of some segments.
     *
     * @param segments how many there are
     * @param size models of each
     * @param chosen numbers of those that count, from 0
     */
    static double[] mean(int segments, int size, List<Integer> chosen) {
        double[] row = new double[segments * size];
        chosen.forEach(number -> Arrays.fill(row, number * size, (number + 1) * size, 1.0 / (chosen.size() * size)));
        return row;
    }

    /** Number of the first segment that counts, from 0; -1 if there is none. */
    int begin() {
        for (int s = 0; s + patience <= losses.size(); s++) {
            if (losses.get(s).equals(Collections.min(losses.subList(s, s + patience)))) {
                return s;
            }
        }
        return -1;
    }

    /** Number of the segment behind the last that counts. */
    int end(int begin) {
        double mean = losses.subList(begin, begin + patience).stream()
                        .mapToDouble(Double::doubleValue)
                        .sum()
                / patience;
        for (int j = begin + 1; j + overfitPatience <= losses.size(); j++) {
            if (Collections.min(losses.subList(j, j + overfitPatience)) > tolerance * mean) {
                return j;
            }
        }
        return losses.size();
    }
}
