package dev.weir.schemas.topic;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One topic as it should be.
 *
 * @param name its full name
 * @param partitions how many partitions it has, for ever
 * @param cleanup what becomes of old records
 * @param retentionMs how long records stay where they are deleted by age; -1: never for their age
 * @param keyRecord full name of the record in its keys; empty where a store writes its own bytes
 * @param valueRecords full names of the records in its values; empty where a store writes its own bytes
 * @param config further settings of the topic
 * @param purpose what it is for, in a sentence
 */
public record TopicSpec(
        String name,
        int partitions,
        Cleanup cleanup,
        long retentionMs,
        String keyRecord,
        List<String> valueRecords,
        Map<String, String> config,
        String purpose) {

    /** Checks the partition count and copies the collections. */
    public TopicSpec {
        if (partitions < 1) {
            throw new IllegalArgumentException("topic " + name + ": " + partitions
                    + " partitions; allowed: 1 and more; next: choose how many merge tasks may run at once");
        }
        valueRecords = List.copyOf(valueRecords);
        config = Map.copyOf(config);
    }

    /**
     * Every setting of the topic, cleanup and retention among them.
     *
     * @return settings by Kafka's names, sorted
     */
    public Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>(config);
        settings.put("cleanup.policy", cleanup.policy());
        if (cleanup == Cleanup.DELETE) {
            settings.put("retention.ms", Long.toString(retentionMs));
            // By age alone: a broker's own limit by size would cut a log that is state.
            settings.put("retention.bytes", "-1");
        }
        return settings;
    }
}
