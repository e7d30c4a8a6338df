package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;

/** What the logs of every topic grow by in each round, as the broker counts it; nothing is old enough to be deleted or compacted. */
final class AppendedBytes {
    private final Admin admin;
    private final List<Map<String, Long>> rounds = new ArrayList<>();
    private Map<String, Long> before = Map.of();

    AppendedBytes(Admin admin) {
        this.admin = admin;
    }

    void begin() throws ExecutionException, InterruptedException {
        before = sizes();
    }

    void end() throws ExecutionException, InterruptedException {
        rounds.add(sizes().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, topic -> topic.getValue() - before.getOrDefault(topic.getKey(), 0L))));
    }

    /** Of all topics, over so many bytes a round. */
    Spread over(long bytesARound, String unit) {
        return new Spread(
                rounds.stream().map(round -> (double) all(round) / bytesARound).toList(), unit);
    }

    /** Of all topics, over those of one. */
    Spread overTopic(String topic, String unit) {
        return new Spread(
                rounds.stream()
                        .map(round -> (double) all(round) / round.getOrDefault(topic, 0L))
                        .toList(),
                unit);
    }

    /** What each topic adds to {@link #over}, on average; those that got nothing are left out. */
    ObjectNode shareByTopic(long bytesARound) {
        Set<String> topics = new TreeSet<>();
        rounds.forEach(round -> topics.addAll(round.keySet()));
        ObjectNode shares = Json.object();
        for (String topic : topics) {
            long bytes = rounds.stream()
                    .mapToLong(round -> round.getOrDefault(topic, 0L))
                    .sum();
            if (bytes > 0) {
                shares.put(topic, Math.round(1e5 * bytes / rounds.size() / bytesARound) / 1e5);
            }
        }
        return shares;
    }

    private static long all(Map<String, Long> round) {
        return round.values().stream().mapToLong(bytes -> bytes).sum();
    }

    private Map<String, Long> sizes() throws ExecutionException, InterruptedException {
        Map<String, Long> sizes = new TreeMap<>();
        for (Map<String, LogDirDescription> broker :
                admin.describeLogDirs(List.of(1)).allDescriptions().get().values()) {
            broker.values()
                    .forEach(dir -> dir.replicaInfos()
                            .forEach((partition, info) -> sizes.merge(partition.topic(), info.size(), Long::sum)));
        }
        return sizes;
    }
}
