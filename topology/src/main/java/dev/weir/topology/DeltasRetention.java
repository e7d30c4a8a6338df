package dev.weir.topology;

import dev.weir.topology.store.Folds;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToLongFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.NullUnmarked;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes records of deltas that are older than the retention and that no committed keyframe needs. The broker's own
 * retention cannot do that: it knows nothing of keyframes, and would delete what a model that rests still needs.
 */
@NullUnmarked // Kafka answers for every partition asked about.
final class DeltasRetention implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeltasRetention.class);
    private static final long EVERY_MS = 10_000;

    private final Admin admin;
    private final String deltas;
    private final String group;
    private final long retentionMs;
    private final Folds folds;
    private final Supplier<Set<String>> clients;
    private final Map<String, Long> starts = new ConcurrentHashMap<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("weir-deltas-retention").factory());

    /**
     * @param retentionMs -1: nothing is ever deleted
     * @param clients client ids by which the group knows this process
     */
    DeltasRetention(
            Admin admin, String deltas, String group, long retentionMs, Folds folds, Supplier<Set<String>> clients) {
        this.clients = clients;
        this.admin = admin;
        this.deltas = deltas;
        this.group = group;
        this.retentionMs = retentionMs;
        this.folds = folds;
        if (retentionMs >= 0) {
            thread.scheduleWithFixedDelay(this::look, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
        }
    }

    /** Offsets from which the log is kept, by partition, as far as this process deleted what lay before. */
    Map<String, Long> starts() {
        return new TreeMap<>(starts);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void look() {
        try {
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get();
            IntToLongFunction offsets = partition -> {
                OffsetAndMetadata offset = committed.get(new TopicPartition(deltas, partition));
                return offset == null ? 0 : offset.offset();
            };
            // The group's offset may be another instance's, which took over and aborted this one's keyframe. Only while
            // the partition is ours, and has been since the keyframe was written, does the offset say that it is
            // committed.
            Map<Integer, Long> needed = folds.oldestNeeded(offsets);
            needed.keySet().retainAll(owned());
            needed.entrySet().retainAll(folds.oldestNeeded(offsets).entrySet());
            if (!needed.isEmpty()) {
                delete(needed);
            }
        } catch (ExecutionException | RuntimeException later) {
            LOG.warn("{}: what no keyframe needs could not be deleted; trying again", deltas, later);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    /** Partitions of deltas that the group has given to this process. */
    private Set<Integer> owned() throws ExecutionException, InterruptedException {
        Set<String> mine = clients.get();
        return admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get().members().stream()
                .filter(member -> mine.contains(member.clientId()))
                .flatMap(member -> member.assignment().topicPartitions().stream())
                .filter(partition -> partition.topic().equals(deltas))
                .map(TopicPartition::partition)
                .collect(Collectors.toSet());
    }

    private void delete(Map<Integer, Long> needed) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> old = new HashMap<>();
        OffsetSpec cut = OffsetSpec.forTimestamp(System.currentTimeMillis() - retentionMs);
        needed.keySet().forEach(partition -> old.put(new TopicPartition(deltas, partition), cut));
        Map<TopicPartition, ListOffsetsResultInfo> found =
                admin.listOffsets(old).all().get();
        Map<TopicPartition, RecordsToDelete> deletions = new HashMap<>();
        needed.forEach((partition, offset) -> {
            TopicPartition source = new TopicPartition(deltas, partition);
            // -1: nothing is as young as that.
            long young = found.get(source).offset();
            long before = young < 0 ? offset : Math.min(offset, young);
            if (before > starts.getOrDefault(source.toString(), 0L)) {
                deletions.put(source, RecordsToDelete.beforeOffset(before));
            }
        });
        if (!deletions.isEmpty()) {
            admin.deleteRecords(deletions).all().get();
            deletions.forEach((source, to) -> {
                starts.put(source.toString(), to.beforeOffset());
                LOG.info("{}: kept from offset {}", source, to.beforeOffset());
            });
        }
    }
}
