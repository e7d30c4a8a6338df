package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.cli.bench.Bench;
import dev.weir.cli.bench.BenchReport;
import dev.weir.cli.bench.BenchSettings;
import dev.weir.cli.bench.Goal;
import dev.weir.cli.up.JavaCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The demo as people run it, seed after seed, each a whole Weir of its own: the last EMA against the last raw checkpoint
 * by accuracy, BCWI against it by negative flips, and the time it takes.
 */
public final class DemoBench implements Bench {
    private static final double LIMIT_SECONDS = 120;
    /** The points of accuracy that fewer flips may cost. */
    private static final double ONE_POINT = 0.01;

    @Override
    public String name() {
        return "demo";
    }

    @Override
    public String about() {
        return "weir demo over seeds: accuracy of the average, flips of BCWI, against the last raw checkpoint";
    }

    @Override
    public BenchReport run(BenchSettings settings) throws Exception {
        List<Integer> seeds = settings.quick() ? List.of(11) : List.of(11, 12, 13, 14, 15);
        int checkpoints = settings.quick() ? 10 : 40;
        List<Double> seconds = new ArrayList<>();
        ArrayNode each = Json.object().putArray("seeds");
        int better = 0;
        int steadier = 0;
        for (int seed : seeds) {
            JsonNode report = demo(seed, checkpoints, settings.scratch());
            JsonNode raw = last(report, "raw");
            JsonNode ema = last(report, "ema-0.9");
            JsonNode bcwi = last(report, "bcwi");
            better += accuracy(ema) > accuracy(raw) ? 1 : 0;
            steadier += flips(bcwi) < flips(raw) && accuracy(bcwi) >= accuracy(raw) - ONE_POINT ? 1 : 0;
            seconds.add(report.path("wallSeconds").asDouble());
            ObjectNode row = each.addObject().put("seed", seed);
            for (JsonNode channel : List.of(raw, ema, bcwi)) {
                row.putObject(channel.path("channel").asText())
                        .put("accuracy", accuracy(channel))
                        .put("negativeFlips", flips(channel));
            }
            row.put("wallSeconds", report.path("wallSeconds").asDouble());
            settings.progress().accept(Json.compact(row));
        }
        Spread wall = new Spread(seconds, "s");
        ObjectNode parts = Json.object().put("checkpoints", checkpoints);
        parts.set("seeds", each);
        parts.set("wallSeconds", wall.json());
        double n = seeds.size();
        return new BenchReport(
                List.of(
                        Goal.atLeast("share of seeds whose EMA beats raw", better / n, 0.8),
                        Goal.atLeast("share of seeds whose BCWI flips fewer within a point", steadier / n, 0.8),
                        Goal.atMost("slowest run over two minutes", wall.quantile(1) / LIMIT_SECONDS, 1)),
                seeds.size(),
                parts);
    }

    private static JsonNode demo(int seed, int checkpoints, Path scratch) throws IOException, InterruptedException {
        Path report = scratch.resolve("seed-" + seed + ".json");
        Path log = scratch.resolve("seed-" + seed + ".log");
        List<String> command = new JavaCommand("demo", "-Xmx512m")
                .verb(
                        "demo",
                        "--headless",
                        "--checkpoints",
                        Integer.toString(checkpoints),
                        "--seed",
                        Integer.toString(seed),
                        "--report",
                        report.toString(),
                        "--out",
                        scratch.resolve("seed-" + seed).toString());
        int exit = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IllegalStateException("demo with seed " + seed + ": exit " + exit + ": " + Files.readString(log));
        }
        return Json.parse(Files.readAllBytes(report));
    }

    /** The newest version of a channel. */
    private static JsonNode last(JsonNode report, String channel) {
        JsonNode last = Json.object();
        for (JsonNode version : report.path("versions")) {
            if (version.path("channel").asText().equals(channel)
                    && version.path("version").asLong() >= last.path("version").asLong()) {
                last = version;
            }
        }
        return last;
    }

    private static double accuracy(JsonNode version) {
        return version.path("accuracy").asDouble();
    }

    private static int flips(JsonNode version) {
        return version.path("negativeFlips").asInt();
    }
}
