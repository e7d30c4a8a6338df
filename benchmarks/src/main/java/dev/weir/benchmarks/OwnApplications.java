package dev.weir.benchmarks;

import dev.weir.clients.Connection;
import dev.weir.clients.plan.PlanClient;
import dev.weir.clients.publish.Deltas;
import dev.weir.clients.publish.Publisher;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.topic.TopicAdmin;
import dev.weir.schemas.topic.TopicSpec;
import dev.weir.schemas.topic.Topics;
import dev.weir.topology.plan.PlanFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/** Merge and coordinate of one model in processes of their own, on a broker that others share. */
final class OwnApplications implements AutoCloseable {
    private final Connection connection;
    private final Admin admin;
    private final String model;
    private final Topics topics;
    private final int partitions;
    private final Duration patience;
    private final ApplicationProcess coordinate;
    private final ApplicationProcess merge;

    private OwnApplications(
            Connection connection,
            Path scratch,
            String model,
            int partitions,
            Map<String, String> keys,
            Duration patience)
            throws IOException {
        this.connection = connection;
        this.model = model;
        this.topics = new Topics(model);
        this.partitions = partitions;
        this.patience = patience;
        this.admin = Admin.create(Map.of("bootstrap.servers", connection.bootstrap()));
        new TopicAdmin(admin).create(topics.catalogue(partitions), (short) 1);
        this.coordinate = ApplicationProcess.start(connection, scratch, model, "coordinate", "coordinate", Map.of());
        this.merge = ApplicationProcess.start(connection, scratch, model, "merge", "merge", keys);
    }

    /**
     * Makes the topics, starts both and puts a plan in force.
     *
     * @param keys of merge's configuration
     */
    static OwnApplications start(
            Connection connection,
            Path scratch,
            String model,
            int partitions,
            Map<String, String> keys,
            String plan,
            Duration patience)
            throws IOException, InterruptedException {
        OwnApplications started = new OwnApplications(connection, scratch, model, partitions, keys, patience);
        try {
            started.coordinate.awaitRunning(patience);
            started.merge.awaitRunning(patience);
            try (PlanClient plans = PlanClient.open(connection, model)) {
                plans.propose(PlanFormat.toJson(PlanFormat.parse(plan)), patience);
            }
            return started;
        } catch (IOException | InterruptedException | RuntimeException failed) {
            started.close();
            throw failed;
        }
    }

    ApplicationProcess merge() {
        return merge;
    }

    /** A publisher of the model's only run. */
    Publisher publisher(Layout layout, Deltas deltas) {
        return Publisher.open(connection, model, "run-1", layout, patience, deltas);
    }

    /** Ends both and deletes the topics. */
    @Override
    public void close() {
        merge.close();
        coordinate.close();
        admin.deleteTopics(
                topics.catalogue(partitions).stream().map(TopicSpec::name).toList());
        admin.close(Duration.ofSeconds(30));
    }
}
