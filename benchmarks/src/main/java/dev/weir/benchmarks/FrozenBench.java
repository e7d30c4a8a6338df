package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.cli.bench.Bench;
import dev.weir.cli.bench.BenchReport;
import dev.weir.cli.bench.BenchSettings;
import dev.weir.cli.bench.Goal;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The fold of a partition without a broker: what a chunk that stays the same costs four moving averages, beside one that
 * changes. Taking chunks in and folding them at the decision are timed apart.
 */
public final class FrozenBench implements Bench {
    private static final double MARKER_GOAL = 0.01;
    private static final double FULL_GOAL = 0.5;

    /** How a checkpoint's chunks are, beside the one before. */
    enum Kind {
        /** Other bytes in every chunk. */
        CHANGED("changed"),
        /** The same bytes, sent again. */
        SENT_AGAIN("sentAgain"),
        /** Markers. */
        MARKERS("markers");

        private final String part;

        Kind(String part) {
            this.part = part;
        }
    }

    @Override
    public String name() {
        return "frozen";
    }

    @Override
    public String about() {
        return "four averages over chunks that stay the same, against chunks that change";
    }

    @Override
    public BenchReport run(BenchSettings settings) {
        int rounds = settings.quick() ? 5 : 15;
        Map<Kind, List<Double>> intake = new EnumMap<>(Kind.class);
        Map<Kind, List<Double>> decision = new EnumMap<>(Kind.class);
        RecordCodec codec = Registry.connect("mock://frozen", Map.of()).codec();
        try (FrozenLog log = new FrozenLog(codec)) {
            for (int round = 0; round <= rounds; round++) {
                List<Kind> order = List.of(Kind.values());
                for (Kind kind : round % 2 == 0 ? order : order.reversed()) {
                    FrozenLog.Nanos nanos = log.fold(kind, settings.quick() ? 5 : 20);
                    if (round > 0) {
                        intake.computeIfAbsent(kind, key -> new ArrayList<>()).add(nanos.intake() / 1e3);
                        decision.computeIfAbsent(kind, key -> new ArrayList<>()).add(nanos.decision() / 1e3);
                    }
                }
                settings.progress().accept("round " + round + " of " + rounds);
            }
        }
        ObjectNode parts = Json.object()
                .put("chunkElements", FrozenLog.ELEMENTS)
                .put("dtype", "BF16")
                .put("chunks", FrozenLog.CHUNKS)
                .put("channels", FrozenLog.CHANNELS);
        for (Kind kind : Kind.values()) {
            parts.putObject(kind.part)
                    .<ObjectNode>set("intake", of(intake, kind).json())
                    .set("decision", of(decision, kind).json());
        }
        Spread changed = of(decision, Kind.CHANGED);
        List<Goal> goals = List.of(
                Goal.atMost(
                        "decision, markers over changed",
                        of(decision, Kind.MARKERS).over(changed).median(),
                        MARKER_GOAL),
                Goal.atMost(
                        "decision, sent again over changed",
                        of(decision, Kind.SENT_AGAIN).over(changed).median(),
                        FULL_GOAL));
        return new BenchReport(goals, rounds, parts);
    }

    private static Spread of(Map<Kind, List<Double>> measured, Kind kind) {
        return new Spread(Objects.requireNonNull(measured.get(kind)), "us a chunk");
    }
}
