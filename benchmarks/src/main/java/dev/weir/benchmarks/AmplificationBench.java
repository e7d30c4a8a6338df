package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.cli.bench.Bench;
import dev.weir.cli.bench.BenchReport;
import dev.weir.cli.bench.BenchSettings;
import dev.weir.cli.bench.Goal;
import dev.weir.cli.up.LocalWeir;
import dev.weir.clients.publish.Deltas;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.publish.WeightSource;
import dev.weir.schemas.delta.Choice;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.topic.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.kafka.clients.admin.Admin;

/**
 * Bytes that the broker appends, its own topics included, for each byte of weights that comes in: one f32 EMA over whole
 * checkpoints, a keyframe and a snapshot in sixteen of them. Beside it, without a goal, the same over exact differences of real
 * bf16 checkpoints with keyframes by bytes, and what differences would save of the snapshots.
 */
public final class AmplificationBench implements Bench {
    private static final double GOAL = 1.15;
    private static final int ROUNDS = 5;
    private static final int PERIOD = 16;
    private static final int ELEMENTS = 245_760;
    private static final int PARTITIONS = 4;
    /** Of the real pair, three megabytes, side by side. */
    private static final int COPIES = 8;

    /** A keyframe whenever so many times the bytes of its state have come in as differences. */
    private static final int KEYFRAME_STATES = 4;

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Override
    public String name() {
        return "amplification";
    }

    @Override
    public String about() {
        return "bytes on the broker for each byte of weights that comes in";
    }

    @Override
    public BenchReport run(BenchSettings settings) throws Exception {
        long chunks = settings.quick() ? 8 : 16;
        Layout layout = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(chunks * ELEMENTS))));
        CheckpointPair pair = RealCheckpoints.pair(settings);
        ObjectNode json = Json.object()
                .put("checkpointBytes", layout.byteSize())
                .put("checkpointsARound", PERIOD)
                .put("keyframeAndSnapshotEvery", PERIOD)
                .put("partitions", PARTITIONS)
                .put("replication", 1)
                .put("clientSettings", "those of weir run and weir publish");
        Spread whole;
        try (LocalWeir weir = LocalWeir.start(settings.scratch().resolve("weir"));
                Admin admin = Admin.create(
                        Map.of("bootstrap.servers", weir.connection().bootstrap()))) {
            AppendedBytes appended;
            try (OwnApplications applications = OwnApplications.start(
                            weir.connection(),
                            settings.scratch(),
                            "whole",
                            PARTITIONS,
                            Map.of("keyframe-decisions", Integer.toString(PERIOD)),
                            plan("whole"),
                            PATIENCE);
                    Publisher publisher = applications.publisher(layout, Deltas.NONE)) {
                appended = rounds(admin, publisher, RandomWeights::new, settings);
            }
            whole = appended.over(PERIOD * layout.byteSize(), "bytes appended a byte of weights");
            json.set("appendedOverIngested", whole.json());
            json.set("shareByTopic", appended.shareByTopic(PERIOD * layout.byteSize()));
            if (pair == null) {
                json.put("bf16Differences", "not measured; " + RealCheckpoints.NEEDED);
            } else if (settings.quick()) {
                json.put("bf16Differences", "not measured with --quick, which holds what has a goal");
            } else {
                json.set("bf16Differences", differences(weir, admin, pair, settings));
            }
        }
        if (pair != null) {
            ObjectNode average = json.putObject("averageAsDifferences").put("decay", 0.9);
            average.set("toAndFro", new AverageDifferences(new DifferenceWalk(pair, 1, false)).json());
            average.set("straightOn", new AverageDifferences(new DifferenceWalk(pair, 1, true)).json());
        }
        return new BenchReport(
                List.of(Goal.atMost("bytes appended over bytes ingested", whole.median(), GOAL)), ROUNDS, json);
    }

    private static ObjectNode differences(LocalWeir weir, Admin admin, CheckpointPair pair, BenchSettings settings)
            throws Exception {
        String model = "differences";
        DifferenceWalk walk = new DifferenceWalk(pair, COPIES, false);
        Layout layout = walk.layout();
        long keyframeBytes = KEYFRAME_STATES * 2 * layout.byteSize() / PARTITIONS;
        AppendedBytes appended;
        try (OwnApplications applications = OwnApplications.start(
                        weir.connection(),
                        settings.scratch(),
                        model,
                        PARTITIONS,
                        Map.of("keyframe-decisions", "1000000", "keyframe-bytes", Long.toString(keyframeBytes)),
                        plan(model),
                        PATIENCE);
                Publisher publisher = applications.publisher(layout, new Deltas(Choice.ENTROPY, PERIOD))) {
            appended = rounds(admin, publisher, walk::at, settings);
        }
        Spread overPlain = appended.over(PERIOD * layout.byteSize(), "bytes appended a plain byte of weights");
        Spread overDeltas = appended.overTopic(new Topics(model).deltas(), "bytes appended a byte in deltas");
        ObjectNode json = Json.object()
                .put("pair", pair.name())
                .put("encoding", "entropy")
                .put("checkpoints", "to and fro along the pair; one in " + PERIOD + " in full")
                .put("checkpointBytes", layout.byteSize())
                .put("keyframeBytesAPartition", keyframeBytes)
                .put("snapshotEvery", PERIOD);
        json.set("appendedOverPlain", overPlain.json());
        json.set("appendedOverDeltas", overDeltas.json());
        json.set("shareByTopic", appended.shareByTopic(PERIOD * layout.byteSize()));
        return json;
    }

    private static AppendedBytes rounds(
            Admin admin, Publisher publisher, IntFunction<WeightSource> weights, BenchSettings settings)
            throws Exception {
        AppendedBytes appended = new AppendedBytes(admin);
        for (int round = 0; round <= ROUNDS; round++) {
            appended.begin();
            for (int i = 0; i < PERIOD; i++) {
                int step = round * PERIOD + i;
                Outcome outcome = publisher.publish(step, weights.apply(step));
                if (!(outcome instanceof Outcome.Accepted)) {
                    throw new IllegalStateException("checkpoint of step " + step + ": " + outcome);
                }
            }
            if (round > 0) {
                appended.end();
            }
            settings.progress().accept("round " + round + " of " + ROUNDS);
        }
        return appended;
    }

    private static String plan(String model) {
        return "{model: " + model + ", channels: [{name: ema, operator: ema, settings: {decay: 0.9}, emit-every: "
                + PERIOD + "}]}";
    }
}
