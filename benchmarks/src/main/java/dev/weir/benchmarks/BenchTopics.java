package dev.weir.benchmarks;

import dev.weir.schemas.topic.TopicAdmin;
import dev.weir.schemas.topic.TopicSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/** Topics that sides of {@link StreamBench} write in a round, and that are gone with it. */
final class BenchTopics {
    private static final String DELETE_DELAY = "file.delete.delay.ms";
    /**
     * Some rounds. A broker's memory is full of what was written before, and what is written takes its place; memory that a
     * deletion frees goes back to the host of a virtual machine, and costs ten times as much to write to.
     */
    private static final String DELETE_DELAY_MS = "150000";

    private final Admin admin;

    BenchTopics(Admin admin) {
        this.admin = admin;
    }

    /** Empties compacted topics, which only deletion does. */
    void renew(List<TopicSpec> topics) throws Exception {
        admin.deleteTopics(topics.stream().map(TopicSpec::name).toList()).all().get();
        create(topics.stream().map(BenchTopics::goneLater).toList());
    }

    /** A topic as the one that merge writes snapshots to, whose segments are brought to disk as they fill. */
    static TopicSpec likeMerged(String name, StreamLog log) {
        TopicSpec merged = log.topics().catalogue(log.partitions()).stream()
                .filter(topic -> topic.name().equals(log.topics().merged()))
                .findFirst()
                .orElseThrow();
        return goneLater(new TopicSpec(
                name,
                merged.partitions(),
                merged.cleanup(),
                merged.retentionMs(),
                "",
                List.of(),
                merged.config(),
                "What passes through."));
    }

    /** The same topic, whose files stay for a while when it is deleted. */
    private static TopicSpec goneLater(TopicSpec topic) {
        Map<String, String> settings = new HashMap<>(topic.config());
        settings.put(DELETE_DELAY, DELETE_DELAY_MS);
        return new TopicSpec(
                topic.name(),
                topic.partitions(),
                topic.cleanup(),
                topic.retentionMs(),
                topic.keyRecord(),
                topic.valueRecords(),
                settings,
                topic.purpose());
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
