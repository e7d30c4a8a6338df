package dev.weir.benchmarks;

import dev.weir.clients.Connection;
import dev.weir.clients.plan.PlanClient;
import dev.weir.clients.publish.Deltas;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.topic.TopicAdmin;
import dev.weir.schemas.topic.Topics;
import dev.weir.topology.plan.PlanFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/**
 * A model whose restart is measured: one f32 EMA, a whole keyframe of it and one checkpoint of the log behind that.
 *
 * @param connection to its broker and registry
 * @param scratch where its applications keep what they keep
 * @param chunks of full size
 * @param sessionTimeoutMs of its applications
 */
record RecoveryModel(Connection connection, Path scratch, int chunks, int sessionTimeoutMs) {
    static final String NAME = "recovery";
    /** One: threads join a group one after another, and the first would load what belongs to the second. */
    static final int PARTITIONS = 1;

    static final int TRANSACTION_TIMEOUT_MS = 15_000;
    static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int ELEMENTS = 245_760;

    Topics topics() {
        return new Topics(NAME);
    }

    /** Bytes of the average, and of a checkpoint. */
    long stateBytes() {
        return 4L * ELEMENTS * chunks;
    }

    ApplicationProcess coordinate() throws IOException {
        return ApplicationProcess.start(connection, scratch, NAME, "coordinate", "coordinate", Map.of());
    }

    /** An instance of merge that writes no keyframe, so that every restart reads the same. */
    ApplicationProcess merge(String instance) throws IOException {
        Map<String, String> keys = new LinkedHashMap<>(mergeKeys(1_000_000, TRANSACTION_TIMEOUT_MS));
        keys.put("client", "{num.standby.replicas: 1}");
        return ApplicationProcess.start(connection, scratch, NAME, "merge", instance, keys);
    }

    /** Makes the topics, the average, its keyframe and the log behind it. */
    void fill() throws IOException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", connection.bootstrap()))) {
            new TopicAdmin(admin).create(topics().catalogue(PARTITIONS), (short) 1);
        }
        Layout layout = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of((long) chunks * ELEMENTS))));
        try (ApplicationProcess coordinate = coordinate()) {
            // The whole keyframe at one decision takes longer than transactions usually do.
            try (ApplicationProcess merge =
                    ApplicationProcess.start(connection, scratch, NAME, "merge", "first", mergeKeys(1, 300_000))) {
                coordinate.awaitRunning(PATIENCE);
                merge.awaitRunning(PATIENCE);
                try (PlanClient plans = PlanClient.open(connection, NAME)) {
                    plans.propose(
                            PlanFormat.toJson(PlanFormat.parse("{model: " + NAME
                                    + ", channels: [{name: ema, operator: ema, settings: {decay: 0.9}, emit-every:"
                                    + " 1000}]}")),
                            PATIENCE);
                }
                publish(layout, 1);
                merge.await("its keyframe", now -> now.path("stateBytes").asLong() >= stateBytes(), PATIENCE);
            }
            try (ApplicationProcess merge = merge("second")) {
                merge.awaitRunning(PATIENCE);
                publish(layout, 2);
                merge.await(
                        "both checkpoints are folded",
                        now -> now.path("counters").path("committed").asInt() == 2 * PARTITIONS,
                        PATIENCE);
            }
        }
    }

    private Map<String, String> mergeKeys(int keyframeDecisions, int transactionTimeoutMs) {
        return Map.of(
                "threads",
                Integer.toString(PARTITIONS),
                "session-timeout-ms",
                Integer.toString(sessionTimeoutMs),
                "transaction-timeout-ms",
                Integer.toString(transactionTimeoutMs),
                "keyframe-decisions",
                Integer.toString(keyframeDecisions),
                "deltas-retention-ms",
                "-1");
    }

    private void publish(Layout layout, long step) {
        try (Publisher publisher = Publisher.open(connection, NAME, "run-1", layout, PATIENCE, Deltas.NONE)) {
            Outcome outcome = publisher.publish(step, new RandomWeights(step));
            if (!(outcome instanceof Outcome.Accepted)) {
                throw new IllegalStateException("checkpoint of step " + step + ": " + outcome);
            }
        }
    }
}
