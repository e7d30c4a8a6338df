package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.cli.bench.Bench;
import dev.weir.cli.bench.BenchReport;
import dev.weir.cli.bench.BenchSettings;
import dev.weir.cli.bench.Goal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs {@link KernelBenchmark} in rounds, every part once in each, forwards and backwards in turn, each in a JVM of its own:
 * the bandwidth of the fused EMA over the machine's own triad in the same round, and the time of four EMAs over that of one.
 */
public final class OperatorsBench implements Bench {
    private static final double TRIAD_GOAL = 0.8;
    private static final double FOUR_GOAL = 2.2;
    private static final String FOUR_F32 = "four decays over one, time, f32";
    private static final String FOUR_BF16 = "four decays over one, time, bf16";
    private static final int ROUNDS = 5;
    private static final int QUICK_CHUNKS = 192;
    /** Built by a profile of its own, because the library is as large as all the rest. */
    private static final String ND4J_BENCHMARK = "Nd4jBenchmark";

    @Override
    public String name() {
        return "operators";
    }

    @Override
    public String about() {
        return "the fused EMA a chunk, against this machine's own copy and triad, and ND4J's way";
    }

    @Override
    public BenchReport run(BenchSettings settings) throws RunnerException {
        Path log = settings.scratch().resolve("jmh.log");
        List<Traffic> order = Arrays.stream(Traffic.values())
                .filter(part -> part != Traffic.ND4J || nd4jIsThere())
                // A minute holds those that have a goal, and copy.
                .filter(part -> !settings.quick() || part.quick())
                .toList();
        List<Map<Traffic, Double>> measured = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) {
            Map<Traffic, Double> parts = new EnumMap<>(Traffic.class);
            for (Traffic part : round % 2 == 0 ? order : order.reversed()) {
                parts.put(part, gigabytes(part, settings.quick(), log));
            }
            if (round > 0) {
                measured.add(parts);
            }
            settings.progress().accept("round " + round + " of " + ROUNDS);
        }
        return report(measured);
    }

    private static boolean nd4jIsThere() {
        return OperatorsBench.class.getResource(ND4J_BENCHMARK + ".class") != null;
    }

    private static double gigabytes(Traffic part, boolean quick, Path log) throws RunnerException {
        String benchmark = part == Traffic.ND4J ? ND4J_BENCHMARK : KernelBenchmark.class.getSimpleName();
        String name = OperatorsBench.class.getPackageName() + "." + benchmark + "." + part.benchmark();
        ChainedOptionsBuilder options =
                new OptionsBuilder().include(name.replace(".", "\\.") + "$").output(log.toString());
        if (quick) {
            // A fork a part takes seconds for its start, and as long for memory that is touched for the first time.
            System.setProperty(KernelBenchmark.DISTINCT, Integer.toString(QUICK_CHUNKS));
            options.forks(0)
                    .warmupIterations(1)
                    .warmupTime(TimeValue.milliseconds(200))
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(200));
        }
        RunResult result = new Runner(options.build()).runSingle();
        return part.gigabytes(result.getPrimaryResult().getScore());
    }

    /** The report of these rounds, gigabytes a second by part in each. */
    static BenchReport report(List<Map<Traffic, Double>> rounds) {
        Map<Traffic, Spread> parts = new EnumMap<>(Traffic.class);
        ObjectNode json = Json.object()
                .put("chunkElements", KernelBenchmark.ELEMENTS)
                .put("chunks", KernelBenchmark.CHUNKS)
                .put("threads", 1)
                .put(
                        "by",
                        "JMH: a fork a part and round, 1 warm-up and 3 measured iterations of 1 s; quick in this process, 1 and 1"
                                + " of 200 ms over memory of " + QUICK_CHUNKS + " chunks");
        for (Traffic part : Traffic.values()) {
            if (rounds.stream().allMatch(round -> round.containsKey(part))) {
                Spread spread = new Spread(
                        rounds.stream().map(round -> gigabytes(round, part)).toList(), "GB/s");
                parts.put(part, spread);
                json.set(part.benchmark(), spread.json().put("bytesPerElement", part.bytesPerElement()));
            } else {
                json.put(
                        part.benchmark(),
                        part == Traffic.ND4J ? "not there: build with -Pnd4j, and not with --quick" : "not measured");
            }
        }
        List<Goal> goals = new ArrayList<>();
        for (Traffic part : List.of(Traffic.EMA_F32, Traffic.EMA_BF16)) {
            Spread ratio = of(parts, part).over(of(parts, Traffic.TRIAD));
            goals.add(Goal.atLeast(part.benchmark() + " over triad", ratio.median(), TRIAD_GOAL));
        }
        Spread fourF32 = time(parts, Traffic.FOUR_EMAS_F32, Traffic.EMA_F32);
        Spread fourBf16 = time(parts, Traffic.FOUR_EMAS_BF16, Traffic.EMA_BF16);
        json.set("fourOverOneF32", fourF32.json());
        json.set("fourOverOneBf16", fourBf16.json());
        compare(json, parts, "twoAPassOverOneF32", Traffic.EMA_F32_TWICE, Traffic.EMA_F32);
        compare(json, parts, "twoAPassOverOneBf16", Traffic.EMA_BF16_TWICE, Traffic.EMA_BF16);
        compare(json, parts, "twoAPassOverOneFourF32", Traffic.FOUR_EMAS_F32_TWICE, Traffic.FOUR_EMAS_F32);
        compare(json, parts, "twoAPassOverOneFourBf16", Traffic.FOUR_EMAS_BF16_TWICE, Traffic.FOUR_EMAS_BF16);
        compare(json, parts, "fourOverOneTwoAPassF32", Traffic.FOUR_EMAS_F32_TWICE, Traffic.EMA_F32_TWICE);
        compare(json, parts, "fourOverOneTwoAPassBf16", Traffic.FOUR_EMAS_BF16_TWICE, Traffic.EMA_BF16_TWICE);
        goals.add(Goal.atMost(FOUR_F32, fourF32.median(), FOUR_GOAL));
        goals.add(Goal.atMost(FOUR_BF16, fourBf16.median(), FOUR_GOAL));
        Reference.put(
                json,
                List.of(
                        bytes(FOUR_F32, Traffic.FOUR_EMAS_F32, Traffic.EMA_F32),
                        bytes(FOUR_BF16, Traffic.FOUR_EMAS_BF16, Traffic.EMA_BF16)));
        return new BenchReport(goals, rounds.size(), json);
    }

    private static Reference bytes(String goal, Traffic four, Traffic one) {
        return new Reference(
                goal,
                (double) four.bytesPerElement() / one.bytesPerElement(),
                four.bytesPerElement() + " bytes an element over " + one.bytesPerElement()
                        + ", which both move at one rate where memory bounds them");
    }

    private static void compare(ObjectNode json, Map<Traffic, Spread> parts, String name, Traffic one, Traffic other) {
        // A run of a minute has no time for them.
        if (parts.containsKey(one) && parts.containsKey(other)) {
            json.set(name, time(parts, one, other).json());
        }
    }

    /** Time of a checkpoint's chunk by one loop over the time by another. */
    private static Spread time(Map<Traffic, Spread> parts, Traffic one, Traffic other) {
        return nanos(one, of(parts, one)).over(nanos(other, of(parts, other)));
    }

    private static Spread nanos(Traffic part, Spread gigabytes) {
        return new Spread(gigabytes.values().stream().map(part::nanosPerChunk).toList(), "ns");
    }

    private static Spread of(Map<Traffic, Spread> parts, Traffic part) {
        return Objects.requireNonNull(parts.get(part), () -> "benchmark " + part.benchmark() + ": was not measured");
    }

    private static double gigabytes(Map<Traffic, Double> round, Traffic part) {
        return Objects.requireNonNull(round.get(part));
    }
}
