package dev.weir.cli.up;

import dev.weir.cli.option.PartitionsOption;
import dev.weir.schemas.topic.TopicAdmin;
import dev.weir.schemas.topic.Topics;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/** Makes the topics of the catalogue through the embedded broker, with one replica each. */
final class CatalogueTopics implements TopicMaker {

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
            int wanted = PartitionsOption.chosen(model, there, partitions);
            topicAdmin.create(topics.catalogue(wanted), (short) 1);
        }
    }
}
