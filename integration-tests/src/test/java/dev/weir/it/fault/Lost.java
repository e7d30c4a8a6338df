package dev.weir.it.fault;

import dev.weir.it.fault.Fault.Role;
import dev.weir.schemas.topic.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What somebody worked on, and how long the topics were when he no longer did.
 *
 * @param role of the application
 * @param partitions of its source; none: he did nothing
 * @param topics names of the topics
 * @param ends by topic and partition
 */
record Lost(Role role, Set<Integer> partitions, Topics topics, Map<String, Map<Integer, Long>> ends) {

    static Lost now(Role role, Set<Integer> partitions, Topics topics, Observer observer) throws Exception {
        Map<String, Map<Integer, Long>> ends = new HashMap<>();
        for (String topic : List.of(topics.acks(), topics.coordinateChangelog(), topics.merged(), topics.snapshots())) {
            ends.put(topic, observer.ends(topic));
        }
        return new Lost(role, partitions, topics, ends);
    }

    /** When each of the partitions had folded a record again, as nanoTime; empty: not yet. */
    OptionalLong folded(Outputs outputs, long since) {
        return role == Role.COORDINATE
                ? outputs.coordinated(end(topics.coordinateChangelog(), 0), since)
                : last(partitions.stream()
                        .map(partition -> outputs.folded(partition, end(topics.acks(), 0), since))
                        .toList());
    }

    /** When a read_committed reader had seen output of each of the partitions again. */
    OptionalLong visible(Outputs outputs, long since) {
        return role == Role.COORDINATE
                ? outputs.manifest(end(topics.snapshots(), 0), since)
                : last(partitions.stream()
                        .map(partition -> outputs.merged(partition, end(topics.merged(), partition), since))
                        .toList());
    }

    private long end(String topic, int partition) {
        return ends.get(topic).get(partition);
    }

    /** The last of these, once all are there. */
    private static OptionalLong last(List<OptionalLong> times) {
        return times.stream().allMatch(OptionalLong::isPresent)
                ? times.stream().mapToLong(OptionalLong::getAsLong).max()
                : OptionalLong.empty();
    }
}
