package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.cli.bench.Bench;
import dev.weir.cli.bench.BenchReport;
import dev.weir.cli.bench.BenchSettings;
import dev.weir.cli.bench.Goal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Four safetensors files averaged offline, against what this machine needs to read them and to write one, and against
 * NumPy where there is one. All sides find the inputs in the page cache if there is room for them, and none an output.
 */
public final class MergeBench implements Bench {
    private static final double LIMIT_GOAL = 0.6;
    private static final double NUMPY_GOAL = 1;
    private static final int FILES = 4;

    @Override
    public String name() {
        return "merge";
    }

    @Override
    public String about() {
        return "four files averaged offline, against cat and cp of the same, and NumPy";
    }

    @Override
    public BenchReport run(BenchSettings settings) throws Exception {
        int rounds = settings.quick() ? 5 : 9;
        MergeFiles files = MergeFiles.write(settings.scratch(), FILES, settings.quick() ? 64_000_000 : 1_000_000_000);
        settings.progress().accept("wrote " + FILES + " inputs");
        List<MergeSide> sides = new ArrayList<>(List.of(MergeSide.MERGE, MergeSide.COMMAND, MergeSide.LIMIT));
        if (MergeSide.numpyIsThere()) {
            sides.add(MergeSide.NUMPY);
        }
        List<Map<MergeSide, Double>> measured = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            Map<MergeSide, Double> seconds = new EnumMap<>(MergeSide.class);
            for (MergeSide side : round % 2 == 0 ? sides : sides.reversed()) {
                seconds.put(side, side.seconds(files));
                check(side, files);
            }
            if (round > 0) {
                measured.add(seconds);
            }
            settings.progress().accept("round " + round + " of " + rounds + ": " + seconds);
        }
        return report(measured, files.inputBytes());
    }

    /** Moves the output away; what Weir writes is the same each time. */
    private static void check(MergeSide side, MergeFiles files) throws IOException {
        Path first = files.output().resolveSibling("first.safetensors");
        boolean ours = side == MergeSide.MERGE || side == MergeSide.COMMAND;
        if (ours && !Files.exists(first)) {
            Files.move(files.output(), first);
        } else if (ours && Files.mismatch(files.output(), first) != -1) {
            throw new IllegalStateException(side + ": its output is not that of the first merge");
        }
        Files.deleteIfExists(files.output());
    }

    /** The report of these rounds, seconds by side in each; NumPy's may be absent in all. */
    static BenchReport report(List<Map<MergeSide, Double>> rounds, long inputBytes) {
        Spread merge = spread(rounds, MergeSide.MERGE);
        Spread limit = spread(rounds, MergeSide.LIMIT);
        Spread ofLimit = limit.over(merge);
        ObjectNode parts = Json.object()
                .put("files", FILES)
                .put("inputBytes", inputBytes)
                .put("processors", Runtime.getRuntime().availableProcessors());
        parts.set("merge", merge.json());
        parts.set("catCpAndSync", limit.json());
        parts.set("mergeOverCatCpAndSync", ofLimit.json());
        parts.set("commandWithItsStart", spread(rounds, MergeSide.COMMAND).json());
        List<Goal> goals = new ArrayList<>();
        goals.add(Goal.atLeast("merge over cat, cp and sync", ofLimit.median(), LIMIT_GOAL));
        if (rounds.getFirst().containsKey(MergeSide.NUMPY)) {
            Spread numpy = spread(rounds, MergeSide.NUMPY);
            parts.set("numpy", numpy.json());
            goals.add(Goal.atLeast("merge over NumPy", numpy.over(merge).median(), NUMPY_GOAL));
        } else {
            parts.put("numpy", "absent");
        }
        return new BenchReport(goals, rounds.size(), parts);
    }

    private static Spread spread(List<Map<MergeSide, Double>> rounds, MergeSide side) {
        return new Spread(
                rounds.stream()
                        .map(round -> Objects.requireNonNull(round.get(side), () -> side + " was not measured"))
                        .toList(),
                "s");
    }
}
