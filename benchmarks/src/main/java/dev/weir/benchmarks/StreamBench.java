package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.cli.bench.Bench;
import dev.weir.cli.bench.BenchReport;
import dev.weir.cli.bench.BenchSettings;
import dev.weir.cli.bench.Goal;
import dev.weir.cli.up.LocalWeir;
import dev.weir.schemas.wire.Registry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The merge application over a log that is there already, from the first record to the last committed one, against a
 * pass-through of Kafka Streams with the same settings and against a plain consumer that checksums every payload.
 */
public final class StreamBench implements Bench {
    private static final int PARTITIONS = 2;

    @Override
    public String name() {
        return "stream";
    }

    @Override
    public String about() {
        return "an EMA through the whole topology, against a pass-through and a plain consumer";
    }

    @Override
    public BenchReport run(BenchSettings settings) throws Exception {
        int chunks = settings.quick() ? 16 : 64;
        StreamLog eighth = new StreamLog("eighth", PARTITIONS, chunks, 16, 8);
        StreamLog every = new StreamLog("every", PARTITIONS, chunks, 16, 1);
        int rounds = 5;
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        try (LocalWeir weir = LocalWeir.start(settings.scratch().resolve("weir"));
                Registry registry = Registry.connect(weir.connection().registry(), Map.of());
                StreamSides sides = new StreamSides(weir.connection(), registry.codec(), settings.scratch())) {
            sides.fill(eighth);
            sides.fill(every);
            settings.progress().accept("wrote two logs of " + eighth.payloadBytes() + " bytes of weights");
            List<StreamSides.Side> all = List.of(
                    sides.weir("weirOneSnapshotInEight", eighth),
                    sides.passThrough("passThrough", every),
                    sides.weir("weirEverySnapshot", every),
                    sides.consumer("consumerWithChecksum", every, true),
                    sides.consumer("consumerThatTouchesNothing", every, false));
            for (int round = 0; round <= rounds; round++) {
                for (StreamSides.Side side : round % 2 == 0 ? all : all.reversed()) {
                    double megabytesPerSecond = eighth.payloadBytes() / 1e6 / side.seconds(round);
                    if (round > 0) {
                        rates.computeIfAbsent(side.name(), name -> new ArrayList<>())
                                .add(megabytesPerSecond);
                    }
                }
                settings.progress().accept("round " + round + " of " + rounds);
            }
        }
        return report(rates, rounds, eighth);
    }

    private static BenchReport report(Map<String, List<Double>> rates, int rounds, StreamLog log) {
        ObjectNode parts = Json.object()
                .put("partitions", PARTITIONS)
                .put("streamThreads", 1)
                .put("checkpoints", log.checkpoints())
                .put("checkpointBytes", log.payloadBytes() / log.checkpoints())
                .put("clientSettings", "those of weir run for all sides; commit.interval.ms 200, exactly_once_v2");
        Map<String, Spread> spreads = new LinkedHashMap<>();
        rates.forEach((side, values) -> spreads.put(side, new Spread(values, "MB/s")));
        spreads.forEach((side, spread) -> parts.set(side, spread.json()));
        Spread eighth = of(spreads, "weirOneSnapshotInEight");
        Spread passThrough = of(spreads, "passThrough");
        return new BenchReport(
                List.of(
                        Goal.atLeast(
                                "one snapshot in eight over pass-through",
                                eighth.over(passThrough).median(),
                                1.8),
                        Goal.atLeast(
                                "one snapshot in eight over a consumer",
                                eighth.over(of(spreads, "consumerWithChecksum")).median(),
                                0.8),
                        Goal.atLeast(
                                "every snapshot over pass-through",
                                of(spreads, "weirEverySnapshot")
                                        .over(passThrough)
                                        .median(),
                                0.95)),
                rounds,
                parts);
    }

    private static Spread of(Map<String, Spread> spreads, String side) {
        return Objects.requireNonNull(spreads.get(side), side);
    }
}
