package dev.weir.cli.demo;

import dev.weir.schemas.topic.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** How large a model's topics are on the broker. Kafka answers for every partition asked about, so its maps have no gaps. */
@org.jspecify.annotations.NullUnmarked
final class TopicSizes {
    private TopicSizes() {}

    /** Bytes on disk of one replica, and offsets used (transaction markers count), by topic. */
    static Map<String, DemoReport.Topic> of(Map<String, Object> client, String model) throws InterruptedException {
        try (Admin admin = Admin.create(client)) {
            Map<TopicPartition, Long> bytes = new HashMap<>();
            int node = admin.describeCluster().nodes().get().iterator().next().id();
            for (LogDirDescription directory : admin.describeLogDirs(java.util.List.of(node))
                    .allDescriptions()
                    .get()
                    .get(node)
                    .values()) {
                directory.replicaInfos().forEach((partition, replica) -> bytes.put(partition, replica.size()));
            }
            String changelog = new Topics(model).coordinateChangelog();
            bytes.keySet()
                    .removeIf(partition -> !partition.topic().startsWith(model + ".")
                            && !partition.topic().equals(changelog));
            Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
            Map<TopicPartition, OffsetSpec> earliest = new HashMap<>();
            bytes.keySet().forEach(partition -> {
                latest.put(partition, OffsetSpec.latest());
                earliest.put(partition, OffsetSpec.earliest());
            });
            var ends = admin.listOffsets(latest).all().get();
            var starts = admin.listOffsets(earliest).all().get();
            Map<String, DemoReport.Topic> sizes = new TreeMap<>();
            bytes.forEach((partition, size) -> {
                long records =
                        ends.get(partition).offset() - starts.get(partition).offset();
                sizes.merge(
                        partition.topic(),
                        new DemoReport.Topic(size, records),
                        (a, b) -> new DemoReport.Topic(a.bytes() + b.bytes(), a.records() + b.records()));
            });
            return sizes;
        } catch (ExecutionException failed) {
            throw new IllegalStateException("topics of " + model + " cannot be measured", failed.getCause());
        }
    }
}
