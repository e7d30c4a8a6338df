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
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint costs from its first byte to its last snapshot, by the size of the model, by its channels and by its
 * partitions, each varied by itself. Goals: twice as much costs at most twice as much, and half as much again for noise.
 */
public final class GrowthBench implements Bench {
    private static final double LINEAR = 1.5;
    private static final int PARTITIONS = 4;
    private static final int THREADS = 2;
    private static final int CHECKPOINTS = 5;
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
        Map<String, List<GrowthCase>> series = series(settings.quick());
        Map<GrowthCase, Cost> costs = new LinkedHashMap<>();
        try (LocalWeir weir = LocalWeir.start(settings.scratch().resolve("weir"))) {
            for (GrowthCase each :
                    series.values().stream().flatMap(List::stream).distinct().toList()) {
                long usable = Files.getFileStore(settings.scratch()).getUsableSpace();
                if (each.diskBytes(CHECKPOINTS) > usable) {
                    settings.progress().accept(each + ": left out, " + usable + " bytes of disk are too few");
                    continue;
                }
                Cost cost = each.measure(weir.connection(), settings.scratch(), CHECKPOINTS, THREADS);
                costs.put(each, cost);
                settings.progress().accept(each + ": " + cost.seconds().median() + " s");
            }
        }
        return report(series, costs);
    }

    /** What is varied, by its name; one case belongs to all of them. */
    static Map<String, List<GrowthCase>> series(boolean quick) {
        long fixed = (quick ? 10 : 64) * MEGABYTE;
        LongStream sizes = quick ? LongStream.of(10, 40) : LongStream.of(10, 64, 256, 1024, 4096);
        IntStream channels = quick ? IntStream.of(1, 4) : IntStream.of(1, 2, 4, 8, 16);
        IntStream partitions = quick ? IntStream.of(1, 4) : IntStream.of(1, 2, 4, 8, 16, 32);
        Map<String, List<GrowthCase>> series = new LinkedHashMap<>();
        series.put(
                "size",
                sizes.mapToObj(size -> new GrowthCase(size * MEGABYTE, 1, PARTITIONS))
                        .toList());
        series.put(
                "channels",
                channels.mapToObj(count -> new GrowthCase(fixed, count, PARTITIONS))
                        .toList());
        series.put(
                "partitions",
                partitions.mapToObj(count -> new GrowthCase(fixed, 1, count)).toList());
        return series;
    }

    static BenchReport report(Map<String, List<GrowthCase>> series, Map<GrowthCase, Cost> costs) {
        ObjectNode parts = Json.object()
                .put("checkpoints", CHECKPOINTS)
                .put("streamThreads", THREADS)
                .put("heap", "merge " + ApplicationProcess.HEAP)
                .put("clientSettings", "those of weir run; full chunks, every channel emits every checkpoint");
        ArrayNode cases = parts.putArray("cases");
        ArrayNode leftOut = parts.putArray("leftOutForWantOfDisk");
        series.values().stream()
                .flatMap(List::stream)
                .filter(each -> !costs.containsKey(each))
                .forEach(each -> leftOut.add(each.toString()));
        Map<String, List<GrowthCase>> measured = new LinkedHashMap<>();
        series.forEach((name, those) ->
                measured.put(name, those.stream().filter(costs::containsKey).toList()));
        measured.forEach((name, those) -> those.forEach(each -> {
            Cost cost = of(costs, each);
            ObjectNode row = cases.addObject()
                    .put("series", name)
                    .put("modelBytes", each.modelBytes())
                    .put("channels", each.channels())
                    .put("partitions", each.partitions());
            row.set("seconds", cost.seconds().json());
            row.put("stateBytes", cost.stateBytes()).put("heapPeakBytes", cost.heapPeakBytes());
        }));
        Line bySize = line(costs, measured.get("size"), each -> each.modelBytes() / 1e9);
        Line byChannel = line(costs, measured.get("channels"), GrowthCase::channels);
        Line byPartition = line(costs, measured.get("partitions"), GrowthCase::partitions);
        parts.putObject("constants")
                .put("fixedSeconds", bySize.fixed())
                .put("secondsPerGigabyte", bySize.each())
                .put("secondsPerFurtherChannel", byChannel.each())
                .put("secondsPerFurtherPartition", byPartition.each());
        List<Goal> goals = measured.entrySet().stream()
                .map(each -> Goal.atMost(
                        "seconds over " + each.getKey() + ", last over first", bend(costs, each.getValue()), LINEAR))
                .toList();
        return new BenchReport(goals, CHECKPOINTS, parts);
    }

    /**
     * How cost grows over how what is varied grows, from the first of a series to its last: 1 where it is in proportion,
     * below where a fixed share weighs less and less.
     */
    private static double bend(Map<GrowthCase, Cost> costs, List<GrowthCase> those) {
        GrowthCase first = those.getFirst();
        GrowthCase last = those.getLast();
        double grown = (double) last.modelBytes()
                / first.modelBytes()
                * last.channels()
                / first.channels()
                * last.partitions()
                / first.partitions();
        return median(costs, last) / median(costs, first) / grown;
    }

    /** seconds = fixed + each x. */
    private record Line(double fixed, double each) {}

    /** Least squares through the medians of a series. */
    private static Line line(
            Map<GrowthCase, Cost> costs, @Nullable List<GrowthCase> series, ToDoubleFunction<GrowthCase> x) {
        List<GrowthCase> those = Objects.requireNonNull(series);
        double meanX = those.stream().mapToDouble(x).average().orElseThrow();
        double meanY = those.stream()
                .mapToDouble(each -> median(costs, each))
                .average()
                .orElseThrow();
        double above = 0;
        double below = 0;
        for (GrowthCase each : those) {
            double dx = x.applyAsDouble(each) - meanX;
            above += dx * (median(costs, each) - meanY);
            below += dx * dx;
        }
        double slope = above / below;
        return new Line(meanY - slope * meanX, slope);
    }

    private static double median(Map<GrowthCase, Cost> costs, GrowthCase of) {
        return of(costs, of).seconds().median();
    }

    private static Cost of(Map<GrowthCase, Cost> costs, GrowthCase of) {
        return Objects.requireNonNull(costs.get(of), () -> of + " was not measured");
    }
}
