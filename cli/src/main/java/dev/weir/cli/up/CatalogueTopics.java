package dev.weir.cli.up;

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
            admin.describeCluster().nodes().get();
            // STUB: new TopicAdmin(admin).create(new Topics(model).catalogue(partitions), (short) 1);
        }
    }
}
