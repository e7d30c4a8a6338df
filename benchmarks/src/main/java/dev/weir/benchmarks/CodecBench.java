package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
import dev.weir.cli.bench.Bench;
import dev.weir.cli.bench.BenchReport;
import dev.weir.cli.bench.BenchSettings;
import dev.weir.cli.bench.Goal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The lossless codecs on neighbouring checkpoints of a real run, against the entropy of their difference and against zstd
 * level 1 and zlib level 6 on byte planes, of which the faster counts. All in one thread, in the same rounds.
 */
public final class CodecBench implements Bench {
    private static final int ROUNDS = 5;
    /** Of each part in the discarded round: compilers share the processors with what is measured. */
    private static final long WARM_UP_NS = 1_000_000_000L;
    /** Where less than this of the plain size is left, most elements did not change at all. */
    private static final double QUIET = 0.02;

    @Override
    public String name() {
        return "codec";
    }

    @Override
    public String about() {
        return "exact differences of real checkpoints, against their entropy, zstd 1 and zlib 6 on byte planes";
    }

    @Override
    public BenchReport run(BenchSettings settings) {
        List<Goal> goals = new ArrayList<>();
        ObjectNode report = Json.object()
                .put("threads", 1)
                .put("peers", "zstd 1 and zlib 6 on the byte planes of xor and of differences; the better one counts")
                .put("headersIncluded", true);
        for (CheckpointPair pair : pairs(settings)) {
            settings.progress().accept(pair.name());
            try (CodecParts parts = new CodecParts(pair)) {
                if (pair.narrow()) {
                    report.set(pair.name(), measured(pair, parts, settings, goals));
                } else {
                    report.set(pair.name(), sizes(pair, parts, goals));
                }
            }
        }
        return new BenchReport(goals, ROUNDS, report);
    }

    private static List<CheckpointPair> pairs(BenchSettings settings) {
        Path input = settings.input();
        if (input != null) {
            return CheckpointPair.last(3, input);
        }
        Path trajectories = RealCheckpoints.trajectories();
        if (trajectories == null) {
            throw new UsageException(
                    "bench codec", "has no checkpoints to measure on", RealCheckpoints.NEEDED, "see weir bench --help");
        }
        List<CheckpointPair> pairs =
                new ArrayList<>(CheckpointPair.last(3, trajectories.resolve("d_bf16.safetensors")));
        pairs.addAll(CheckpointPair.last(3, trajectories.resolve("a_trajectory.safetensors")));
        return pairs;
    }

    private static ObjectNode sizes(CheckpointPair pair, CodecParts parts, List<Goal> goals) {
        ObjectNode node = Json.object().put("plainBytes", pair.byteSize());
        parts.sizes().forEach((name, bytes) -> {
            node.put(name + "Bytes", bytes);
            goals.add(Goal.atMost(pair.name() + " " + name + " over plain", over(bytes, pair.byteSize()), 1.001));
        });
        return node;
    }

    private static ObjectNode measured(
            CheckpointPair pair, CodecParts parts, BenchSettings settings, List<Goal> goals) {
        Map<String, Spread> rates = rates(pair, parts, settings);
        double bound = pair.boundBytes();
        ObjectNode node = sizes(pair, parts, new ArrayList<>())
                .put("boundBytes", Math.round(bound))
                .put("boundShare", over(bound, pair.byteSize()));
        rates.forEach((name, spread) -> node.set(name, spread.json()));
        Map<String, Long> sizes = parts.sizes();
        String name = pair.name() + " ";
        double share = over(bound, pair.byteSize()) < QUIET ? 1 / 6.0 : 1 / 3.0;
        long zlib = Math.min(size(sizes, "zlibXor"), size(sizes, "zlibDifference"));
        goals.add(Goal.atMost(name + "entropy over bound", over(size(sizes, "entropy"), bound), 1.15));
        goals.add(Goal.atLeast(name + "entropy encode over zstd", ratio(rates, "entropy", "Encode"), 0.5));
        goals.add(Goal.atLeast(name + "entropy decode over zstd", ratio(rates, "entropy", "Decode"), share));
        goals.add(Goal.atMost(name + "fast over zlib", over(size(sizes, "fast"), zlib), 1.08));
        goals.add(Goal.atLeast(name + "fast encode over zstd", ratio(rates, "fast", "Encode"), 1));
        goals.add(Goal.atLeast(name + "fast decode over zstd", ratio(rates, "fast", "Decode"), 1));
        return node;
    }

    /** Megabytes of plain bytes a second of every part, one value a round. */
    private static Map<String, Spread> rates(CheckpointPair pair, CodecParts parts, BenchSettings settings) {
        long leastNs = settings.quick() ? 200_000_000L : 1_000_000_000L;
        Map<String, List<Double>> values = new LinkedHashMap<>();
        for (int round = 0; round <= ROUNDS; round++) {
            List<String> order = new ArrayList<>(parts.parts().keySet());
            for (String part : round % 2 == 0 ? order : order.reversed()) {
                double rate = rate(
                        Objects.requireNonNull(parts.parts().get(part)),
                        pair.byteSize(),
                        round == 0 ? WARM_UP_NS : leastNs);
                if (round > 0) {
                    values.computeIfAbsent(part, name -> new ArrayList<>()).add(rate);
                }
            }
            settings.progress().accept(pair.name() + ": round " + round + " of " + ROUNDS);
        }
        Map<String, Spread> rates = new LinkedHashMap<>();
        parts.parts()
                .keySet()
                .forEach(part -> rates.put(part, new Spread(values.getOrDefault(part, List.of()), "MB/s")));
        return rates;
    }

    private static double rate(Runnable part, long bytes, long leastNs) {
        long began = System.nanoTime();
        long runs = 0;
        long took;
        do {
            part.run();
            runs++;
            took = System.nanoTime() - began;
        } while (took < leastNs);
        return runs * bytes * 1e3 / took;
    }

    /** Round by round over the planes on which zstd is the faster one. */
    private static double ratio(Map<String, Spread> rates, String codec, String direction) {
        Spread own = of(rates, codec + direction);
        return Math.min(
                own.over(of(rates, "zstdXor" + direction)).median(),
                own.over(of(rates, "zstdDifference" + direction)).median());
    }

    private static Spread of(Map<String, Spread> rates, String part) {
        return Objects.requireNonNull(rates.get(part));
    }

    private static long size(Map<String, Long> sizes, String name) {
        return Objects.requireNonNull(sizes.get(name));
    }

    private static double over(double bytes, double base) {
        return Math.round(bytes / base * 1e5) / 1e5;
    }
}
