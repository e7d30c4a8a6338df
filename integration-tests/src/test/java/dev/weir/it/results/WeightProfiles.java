package dev.weir.it.results;

import dev.weir.it.fixture.StreamAverage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** How much each of 60 checkpoints, 20 trainer steps apart, counts in an average after the last of them. */
final class WeightProfiles {
    static final int CHECKPOINTS = 60;
    private static final List<Long> STEPS =
            LongStream.rangeClosed(1, CHECKPOINTS).mapToObj(i -> 20 * i).toList();
    /** Snapshots of each tracked profile. */
    private static final int SNAPSHOTS = 4;

    /**
     * One average.
     *
     * @param settings as a plan has them
     * @param weights of the checkpoints, oldest first
     */
    record Profile(String settings, double[] weights) {
        /** Checkpoints by which the average is older than the newest one, in the mean. */
        double meanAge() {
            return IntStream.range(0, weights.length)
                    .mapToDouble(i -> weights[i] * (weights.length - 1 - i))
                    .sum();
        }

        /** Sum of the weights up to each checkpoint. */
        List<Double> upTo() {
            List<Double> sums = new ArrayList<>();
            double sum = 0;
            for (double weight : weights) {
                sum += weight;
                sums.add(sum);
            }
            return List.copyOf(sums);
        }

        /** How many equal weights have the same sum of squares: noise that is independent falls by the root of it. */
        double effectiveNumber() {
            return 1 / Arrays.stream(weights).map(weight -> weight * weight).sum();
        }
    }

    private WeightProfiles() {}

    /** Profiles by operator, in the order of their entries. */
    static Map<String, List<Profile>> all() {
        Map<String, List<Profile>> all = new LinkedHashMap<>();
        put(all, "swa", List.of(Map.of(), Map.of("from-step", 420), Map.of("from-step", 420, "every", 4)));
        put(all, "aswa", List.of(Map.of("epoch-steps", 400), Map.of("epoch-steps", 700)));
        put(
                all,
                "ema",
                List.of(
                        Map.of("decay", 0.9),
                        Map.of("decay", 0.97),
                        Map.of("decay", 0.97, "bias-correction", true),
                        Map.of("decay", 0.97, "warm-up", true),
                        Map.of("half-life", 200)));
        put(
                all,
                "online-ensemble",
                List.of(
                        Map.of("decay", 0.9),
                        Map.of("weighting", "uniform"),
                        Map.of("weighting", "linear"),
                        Map.of("weighting", "quadratic")));
        put(
                all,
                "switch-ema",
                List.of(
                        Map.of("decay", 0.97),
                        Map.of("decay", 0.97, "warm-up", "linear", "warm-up-updates", 50, "ratio", 0.9)));
        put(all, "power-ema", List.of(Map.of("sigma-rel", 0.05), Map.of("sigma-rel", 0.1), Map.of("sigma-rel", 0.2)));
        all.put("post-hoc-ema", postHoc());
        put(all, "lawa", List.of(Map.of("window", 6), Map.of("window", 20), Map.of("window", 10, "every", 4)));
        put(
                all,
                "windowed-swa",
                List.of(
                        Map.of("window", 10, "every", 2, "windows", 3),
                        Map.of("window", 25, "every", 5, "windows", 2)));
        put(all, "schedule-free", List.of(Map.of(), Map.of("warm-up", 30), Map.of("r", 2)));
        put(all, "sma", List.of(Map.of("from-step", 200), Map.of("from-step", 800)));
        put(
                all,
                "kalman",
                List.of(Map.of("process-noise", 0), Map.of("process-noise", 0.01), Map.of("process-noise", 0.3)));
        put(all, "weight-centre", List.of(Map.of("every", 1), Map.of("every", 6)));
        return all;
    }

    private static void put(Map<String, List<Profile>> all, String operator, List<Map<String, Object>> settings) {
        all.put(
                operator,
                settings.stream()
                        .map(one -> new Profile(text(one), StreamAverage.effectiveWeights(operator, one, STEPS)))
                        .toList());
    }

    /** The true profile, and what four snapshots of each of two others make of it. */
    private static List<Profile> postHoc() {
        List<Profile> profiles = new ArrayList<>();
        for (double sigmaRel : List.of(0.15, 0.2)) {
            String settings = "sigma-rel=" + sigmaRel;
            profiles.add(new Profile(
                    "power-ema " + settings,
                    StreamAverage.effectiveWeights("power-ema", Map.of("sigma-rel", sigmaRel), STEPS)));
            profiles.add(new Profile(
                    settings + ", 2 x " + SNAPSHOTS + " snapshots",
                    Reconstruction.made(STEPS, TrajectoryResults.spaced(STEPS, SNAPSHOTS), sigmaRel)));
        }
        return profiles;
    }

    private static String text(Map<String, Object> settings) {
        return settings.isEmpty()
                ? "defaults"
                : new TreeMap<>(settings)
                        .entrySet().stream()
                                .map(entry -> entry.getKey() + "=" + entry.getValue())
                                .collect(Collectors.joining(" "));
    }
}
