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
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;

/**
 * Bytes that the broker appends, its own topics included, for each byte of weights that comes in: one f32 EMA over whole
 * checkpoints, a keyframe and a snapshot in sixteen of them.
 */
public final class AmplificationBench implements Bench {
    private static final String MODEL = "amplification";
    private static final double GOAL = 1.15;
    private static final int PERIOD = 16;
    private static final int ELEMENTS = 245_760;
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
        int rounds = 5;
        Layout layout = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(chunks * ELEMENTS))));
        List<Double> ratios = new ArrayList<>();
        Map<String, Long> parts = new TreeMap<>();
        Map<String, String> environment = Map.of("WEIR_KEYFRAME_DECISIONS", Integer.toString(PERIOD));
        try (LocalWeir weir = LocalWeir.start(settings.scratch().resolve("weir"), environment)) {
            weir.plan(
                    MODEL,
                    "{model: amplification, channels: [{name: ema, operator: ema, settings: {decay: 0.9}, emit-every: "
                            + PERIOD + "}]}");
            try (Admin admin = Admin.create(
                            Map.of("bootstrap.servers", weir.connection().bootstrap()));
                    Publisher publisher =
                            Publisher.open(weir.connection(), MODEL, "run-1", layout, PATIENCE, Deltas.NONE)) {
                for (int round = 0; round <= rounds; round++) {
                    Map<String, Long> before = sizes(admin);
                    for (int i = 1; i <= PERIOD; i++) {
                        publish(publisher, (long) round * PERIOD + i);
                    }
                    Map<String, Long> after = sizes(admin);
                    if (round > 0) {
                        long appended = 0;
                        for (Map.Entry<String, Long> topic : after.entrySet()) {
                            long bytes = topic.getValue() - before.getOrDefault(topic.getKey(), 0L);
                            parts.merge(topic.getKey(), bytes, Long::sum);
                            appended += bytes;
                        }
                        ratios.add((double) appended / (PERIOD * layout.byteSize()));
                    }
                    settings.progress().accept("round " + round + " of " + rounds);
                }
            }
        }
        Spread spread = new Spread(ratios, "bytes appended a byte of weights");
        ObjectNode json = Json.object()
                .put("checkpointBytes", layout.byteSize())
                .put("checkpointsARound", PERIOD)
                .put("keyframeAndSnapshotEvery", PERIOD)
                .put("replication", 1);
        json.set("appendedOverIngested", spread.json());
        ObjectNode topics = json.putObject("shareByTopic");
        double ingested = (double) rounds * PERIOD * layout.byteSize();
        parts.forEach((topic, bytes) -> topics.put(topic, Math.round(1e5 * bytes / ingested) / 1e5));
        return new BenchReport(
                List.of(Goal.atMost("bytes appended over bytes ingested", spread.median(), GOAL)), rounds, json);
    }

    private static void publish(Publisher publisher, long step) {
        Outcome outcome = publisher.publish(step, new RandomWeights(step));
        if (!(outcome instanceof Outcome.Accepted)) {
            throw new IllegalStateException("checkpoint of step " + step + ": " + outcome);
        }
    }

    /** Bytes of every topic's logs, as the broker counts them; nothing is old enough to be deleted or compacted. */
    private static Map<String, Long> sizes(Admin admin) throws ExecutionException, InterruptedException {
        Map<String, Long> sizes = new TreeMap<>();
        for (Map<String, LogDirDescription> broker :
                admin.describeLogDirs(List.of(1)).allDescriptions().get().values()) {
            broker.values()
                    .forEach(dir -> dir.replicaInfos()
                            .forEach((partition, info) -> sizes.merge(partition.topic(), info.size(), Long::sum)));
        }
        return sizes;
    }
}
