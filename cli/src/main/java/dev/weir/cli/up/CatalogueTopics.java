package dev.weir.cli.up;

import dev.weir.cli.WeirException;
import dev.weir.schemas.topic.TopicAdmin;
import dev.weir.schemas.topic.Topics;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/** Makes the topics of the catalogue through the embedded broker, with one replica each. */
final class CatalogueTopics implements TopicMaker {

    /** Partitions of a model's data topics when the plan's sender does not say. */
    private static final int DEFAULT_PARTITIONS = 4;

    private final String bootstrap;

    CatalogueTopics(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    @Override
    public void create(String model, @Nullable Integer partitions) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            Topics topics = new Topics(model);
            TopicAdmin topicAdmin = new TopicAdmin(admin);
            int there = topicAdmin.partitions(topics.deltas());
            if (there > 0 && partitions != null && partitions != there) {
                throw new WeirException(
                        "model " + model,
                        "has " + there + " partitions, the request says " + partitions,
                        "allowed: " + there + ", fixed for the life of a model",
                        "leave partitions out, or use another model name");
            }
            int wanted = there > 0 ? there : partitions == null ? DEFAULT_PARTITIONS : partitions;
            topicAdmin.create(topics.catalogue(wanted), (short) 1);
        }
    }
}
