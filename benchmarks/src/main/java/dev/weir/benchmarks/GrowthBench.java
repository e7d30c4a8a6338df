package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.benchmarks.GrowthCase.Cost;
import dev.weir.cli.Json;
import dev.weir.cli.bench.Bench;
import dev.weir.cli.bench.BenchReport;
import dev.weir.cli.bench.BenchSettings;
import dev.weir.cli.bench.Goal;
import dev.weir.cli.up.LocalWeir;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What a checkpoint costs from its first byte to its last snapshot, by the size of the model, by its channels and by its
 * partitions, each varied by itself. Goals: twice as much costs at most twice as much, and half as much again for noise.
 */
public final class GrowthBench implements Bench {
    private static final double LINEAR = 1.5;
    private static final int PARTITIONS = 4;
    private static final int THREADS = 2;
    private static final long MEGABYTE = 1_000_000;

    @Override
    public String name() {
        return "growth";
    }

    @Override
    public String about() {
        return "seconds a checkpoint against size of the model, channels and partitions";
    }

    @Override
    public BenchReport run(BenchSettings settings) throws Exception {
        int checkpoints = settings.quick() ? 3 : 5;
        List<Cost> costs = new ArrayList<>();
        try (LocalWeir weir = LocalWeir.start(settings.scratch().resolve("weir"))) {
            for (GrowthCase each : cases(settings.quick())) {
                Cost cost = each.measure(weir.connection(), settings.scratch(), checkpoints, THREADS);
                costs.add(cost);
                settings.progress().accept(each + ": " + cost.seconds().median() + " s");
            }
        }
        return report(costs, checkpoints, settings.quick());
    }

    private static List<GrowthCase> cases(boolean quick) {
        long fixed = (quick ? 10 : 64) * MEGABYTE;
        LongStream sizes = quick ? LongStream.of(10, 40) : LongStream.of(10, 64, 256, 1024, 4096);
        IntStream channels = quick ? IntStream.of(1, 4) : IntStream.of(1, 2, 4, 8, 16);
        IntStream partitions = quick ? IntStream.of(1, 4) : IntStream.of(1, 2, 4, 8, 16, 32);
        return Stream.of(
                        sizes.mapToObj(size -> new GrowthCase("size", size * MEGABYTE, 1, PARTITIONS)),
                        channels.mapToObj(count -> new GrowthCase("channels", fixed, count, PARTITIONS)),
                        partitions.mapToObj(count -> new GrowthCase("partitions", fixed, 1, count)))
                .flatMap(series -> series)
                .toList();
    }

    static BenchReport report(List<Cost> costs, int checkpoints, boolean quick) {
        ObjectNode parts = Json.object()
                .put("quick", quick)
                .put("checkpoints", checkpoints)
                .put("streamThreads", THREADS)
                .put("processors", Runtime.getRuntime().availableProcessors())
                .put("clientSettings", "those of weir run; full chunks, every channel emits every checkpoint");
        ArrayNode cases = parts.putArray("cases");
        for (Cost cost : costs) {
            ObjectNode row = cases.addObject()
                    .put("series", cost.of().series())
                    .put("modelBytes", cost.of().modelBytes())
                    .put("channels", cost.of().channels())
                    .put("partitions", cost.of().partitions());
            row.set("seconds", cost.seconds().json());
            row.put("stateBytes", cost.stateBytes()).put("heapPeakBytes", cost.heapPeakBytes());
        }
        Line bySize = line(costs, "size", each -> each.modelBytes() / 1e9);
        Line byChannel = line(costs, "channels", GrowthCase::channels);
        Line byPartition = line(costs, "partitions", GrowthCase::partitions);
        parts.putObject("constants")
                .put("fixedSeconds", bySize.fixed())
                .put("secondsPerGigabyte", bySize.each())
                .put("secondsPerFurtherChannel", byChannel.each())
                .put("secondsPerFurtherPartition", byPartition.each());
        return new BenchReport(
                List.of(
                        Goal.atMost("seconds over size, largest over smallest", bend(costs, "size"), LINEAR),
                        Goal.atMost("seconds over channels, most over one", bend(costs, "channels"), LINEAR),
                        Goal.atMost("seconds over partitions, most over one", bend(costs, "partitions"), LINEAR)),
                checkpoints,
                parts);
    }

    /**
     * How cost grows over how what is varied grows, from the first of a series to its last: 1 where it is in proportion,
     * below where a fixed share weighs less and less.
     */
    private static double bend(List<Cost> costs, String series) {
        List<Cost> those = of(costs, series);
        GrowthCase first = those.getFirst().of();
        GrowthCase last = those.getLast().of();
        double grown = (double) last.modelBytes()
                / first.modelBytes()
                * last.channels()
                / first.channels()
                * last.partitions()
                / first.partitions();
        return those.getLast().seconds().median() / those.getFirst().seconds().median() / grown;
    }

    /** seconds = fixed + each x. */
    private record Line(double fixed, double each) {}

    /** Least squares through the medians of a series. */
    private static Line line(List<Cost> costs, String series, ToDoubleFunction<GrowthCase> x) {
        List<Cost> those = of(costs, series);
        double meanX = those.stream()
                .mapToDouble(cost -> x.applyAsDouble(cost.of()))
                .average()
                .orElseThrow();
        double meanY = those.stream()
                .mapToDouble(cost -> cost.seconds().median())
                .average()
                .orElseThrow();
        double above = 0;
        double below = 0;
        for (Cost cost : those) {
            double dx = x.applyAsDouble(cost.of()) - meanX;
            above += dx * (cost.seconds().median() - meanY);
            below += dx * dx;
        }
        double each = above / below;
        return new Line(meanY - each * meanX, each);
    }

    private static List<Cost> of(List<Cost> costs, String series) {
        return costs.stream().filter(cost -> cost.of().series().equals(series)).toList();
    }
}
