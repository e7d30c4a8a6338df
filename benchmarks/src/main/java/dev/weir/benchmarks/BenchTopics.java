package dev.weir.benchmarks;

import dev.weir.schemas.topic.TopicAdmin;
import dev.weir.schemas.topic.TopicSpec;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;

/** Topics that sides of {@link StreamBench} write in a round, and that are gone with it. */
final class BenchTopics {
    private final Admin admin;

    BenchTopics(Admin admin) {
        this.admin = admin;
    }

    /** Empties compacted topics, which only deletion does. */
    void renew(List<TopicSpec> topics) throws Exception {
        admin.deleteTopics(topics.stream().map(TopicSpec::name).toList()).all().get();
        create(topics);
    }

    /** A topic as the one that merge writes snapshots to, whose segments are brought to disk as they fill. */
    static TopicSpec likeMerged(String name, StreamLog log) {
        TopicSpec merged = log.topics().catalogue(log.partitions()).stream()
                .filter(topic -> topic.name().equals(log.topics().merged()))
                .findFirst()
                .orElseThrow();
        return new TopicSpec(
                name,
                merged.partitions(),
                merged.cleanup(),
                merged.retentionMs(),
                "",
                List.of(),
                merged.config(),
                "What passes through.");
    }

    /** Makes topics, once their predecessors are gone. */
    void create(List<TopicSpec> topics) throws InterruptedException {
        List<TopicSpec> missing = new ArrayList<>(topics);
        while (!missing.isEmpty()) {
            missing.removeAll(new TopicAdmin(admin).create(missing, (short) 1));
            Thread.sleep(missing.isEmpty() ? 0 : 50);
        }
    }
}
