package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.cli.bench.Bench;
import dev.weir.cli.bench.BenchReport;
import dev.weir.cli.bench.BenchSettings;
import dev.weir.cli.bench.Goal;
import dev.weir.clients.Connection;
import dev.weir.schemas.wire.Registry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * The merge application over a log that is there already, from the first record to the last committed one, against a
 * pass-through of Kafka Streams with the same settings and against a plain consumer that checksums every payload.
 */
public final class StreamBench implements Bench {
    private static final String EIGHTH_OVER_CONSUMER = "one snapshot in eight over a consumer";
    private static final String EVERY_OVER_PASS_THROUGH = "every snapshot over pass-through";
    private static final int PARTITIONS = 2;
    private static final String REGISTRY = "mock://bench-stream";

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
        int checkpoints = settings.quick() ? 8 : 32;
        // Twice as long, because it is read twice as fast: an end weighs as much, when all wait for the last commit.
        StreamLog eighth = new StreamLog("eighth", PARTITIONS, chunks, 2 * checkpoints, 8, true);
        StreamLog every = new StreamLog("every", PARTITIONS, chunks, checkpoints, 1, true);
        // What falls behind while it runs, or begins when the topic of decisions has forgotten them, waits for each.
        StreamLog unforeseen = new StreamLog("unforeseen", PARTITIONS, chunks, 2 * checkpoints, 8, false);
        // Sides share the code of Kafka's clients and broker, whose compilation takes some rounds.
        int warmUp = settings.quick() ? 1 : 6;
        int rounds = settings.quick() ? 5 : 6;
        Map<String, List<StreamCost>> costs = new LinkedHashMap<>();
        try (BenchBroker broker = BenchBroker.start(settings.scratch().resolve("broker"));
                Registry registry = Registry.connect(REGISTRY, Map.of());
                StreamSides sides = new StreamSides(
                        broker, new Connection(broker.bootstrap(), REGISTRY), registry.codec(), settings.scratch())) {
            sides.fill(eighth);
            sides.fill(every);
            settings.progress()
                    .accept("wrote logs of " + eighth.payloadBytes() + " and " + every.payloadBytes()
                            + " bytes of weights");
            List<StreamSides.Side> all = new ArrayList<>(List.of(
                    sides.weir("weirOneSnapshotInEight", eighth),
                    sides.passThrough("passThrough", every),
                    sides.weir("weirEverySnapshot", every),
                    sides.consumers("consumerWithChecksum", eighth, 1, true)));
            for (int round = 0; round < warmUp + rounds; round++) {
                // A minute holds those that have a goal. The others run the same code, which is compiled by then.
                if (round == warmUp && !settings.quick()) {
                    sides.fill(unforeseen);
                    all.add(sides.weir("weirOneSnapshotInEightUnforeseen", unforeseen));
                    all.add(sides.consumers("consumerThatTouchesNothing", eighth, 1, false));
                    all.add(sides.consumers("consumerAPartitionWithChecksum", eighth, PARTITIONS, true));
                }
                for (StreamSides.Side side : round % 2 == 0 ? all : all.reversed()) {
                    StreamSides.settle();
                    StreamCost cost = side.cost(round);
                    if (round >= warmUp) {
                        costs.computeIfAbsent(side.name(), name -> new ArrayList<>())
                                .add(cost);
                    }
                }
                settings.progress().accept("round " + (round + 1) + " of " + (warmUp + rounds));
            }
        }
        return report(costs, warmUp, rounds, eighth, every);
    }

    private static BenchReport report(
            Map<String, List<StreamCost>> costs, int warmUp, int rounds, StreamLog eighth, StreamLog every) {
        ObjectNode parts = Json.object()
                .put("partitions", PARTITIONS)
                .put("streamThreads", PARTITIONS)
                .put("warmUpRounds", warmUp)
                .put("checkpoints", eighth.checkpoints())
                .put("checkpointsEverySnapshotAndPassThrough", every.checkpoints())
                .put("checkpointBytes", every.payloadBytes() / every.checkpoints())
                .put(
                        "decisions",
                        "merge finds those of the log in the topic of decisions when it starts, as any group that begins anew;"
                                + " where they are unforeseen, none")
                .put(
                        "clientSettings",
                        "those of weir run for all sides, consumers with the fetches of a stream thread; commit.interval.ms 1000,"
                                + " exactly_once_v2");
        Map<String, Spread> spreads = new LinkedHashMap<>();
        costs.forEach((side, all) -> {
            Spread rate = spread(all, cost -> cost.megabytes() / cost.seconds(), "MB/s");
            spreads.put(side, rate);
            ObjectNode node = rate.json();
            node.set(
                    "clientCpu",
                    spread(all, cost -> 1000 * cost.clientCpuSeconds() / cost.megabytes(), "processor ms a MB")
                            .json());
            node.set(
                    "brokerCpu",
                    spread(all, cost -> 1000 * cost.brokerCpuSeconds() / cost.megabytes(), "processor ms a MB")
                            .json());
            parts.set(side, node);
        });
        Spread oneInEight = of(spreads, "weirOneSnapshotInEight");
        Spread passThrough = of(spreads, "passThrough");
        Spread consumer = of(spreads, "consumerWithChecksum");
        Reference.put(
                parts,
                List.of(
                        fullyUsed(EIGHTH_OVER_CONSUMER, of(costs, "weirOneSnapshotInEight"), consumer),
                        fullyUsed(EVERY_OVER_PASS_THROUGH, of(costs, "weirEverySnapshot"), passThrough)));
        return new BenchReport(
                List.of(
                        Goal.atLeast(
                                "one snapshot in eight over pass-through",
                                oneInEight.over(passThrough).median(),
                                1.8),
                        Goal.atLeast(
                                EIGHTH_OVER_CONSUMER, oneInEight.over(consumer).median(), 0.8),
                        Goal.atLeast(
                                EVERY_OVER_PASS_THROUGH,
                                of(spreads, "weirEverySnapshot")
                                        .over(passThrough)
                                        .median(),
                                0.95)),
                rounds,
                parts);
    }

    /** Of a side that would use all processors, at the processor time that it took. */
    private static Reference fullyUsed(String goal, List<StreamCost> side, Spread other) {
        int processors = Runtime.getRuntime().availableProcessors();
        Spread rate = spread(
                side,
                cost -> processors * cost.megabytes() / (cost.clientCpuSeconds() + cost.brokerCpuSeconds()),
                "MB/s");
        return new Reference(
                goal,
                rate.over(other).median(),
                processors + " processors used in full, at the processor time that client and broker took");
    }

    private static Spread spread(List<StreamCost> costs, ToDoubleFunction<StreamCost> quantity, String unit) {
        return new Spread(costs.stream().map(quantity::applyAsDouble).toList(), unit);
    }

    private static <T> T of(Map<String, T> sides, String side) {
        return Objects.requireNonNull(sides.get(side), side);
    }
}
