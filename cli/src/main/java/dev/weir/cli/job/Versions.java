package dev.weir.cli.job;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the log has told of the versions of one channel. Versions of a channel are numbered from 1 without gaps and become
 * complete in their order; steps of a run grow with them.
 */
final class Versions {

    private final NavigableMap<Long, Long> stepOfVersion = new TreeMap<>();
    private final Map<String, NavigableMap<Long, Long>> versionOfStep = new HashMap<>();
    private final Set<Long> retired = new HashSet<>();

    /** A version is complete, made by that checkpoint. */
    void complete(long version, String run, long step) {
        stepOfVersion.put(version, step);
        versionOfStep.computeIfAbsent(run, any -> new TreeMap<>()).put(step, version);
    }

    /** A version is no longer kept. */
    void retired(long version) {
        retired.add(version);
    }

    /** Whether a version is complete and, as far as is known, kept. */
    boolean kept(long version) {
        return stepOfVersion.containsKey(version) && !retired.contains(version);
    }

    /** Whether a version that is not kept will never be there. */
    boolean past(long version) {
        return retired.contains(version) || (!stepOfVersion.isEmpty() && stepOfVersion.lastKey() > version);
    }

    /** The step of a version that has been complete. */
    long step(long version) {
        Long step = stepOfVersion.get(version);
        if (step == null) {
            throw new IllegalArgumentException("version " + version + " is not known");
        }
        return step;
    }

    /** The version that a run's step made; null where there is none. */
    @Nullable
    Long at(String run, long step) {
        return steps(run).get(step);
    }

    /** The run's next step that made a version; null where none is known. */
    @Nullable
    Long next(String run, long after) {
        return steps(run).higherKey(after);
    }

    /** Whether all is known of a run up to that step. */
    boolean reached(String run, long step) {
        return steps(run).ceilingKey(step) != null;
    }

    /** A run's newest versions up to a step, oldest first. */
    List<Long> newest(String run, long step, int count) {
        List<Long> newest = new ArrayList<>();
        for (long version : steps(run).headMap(step, true).descendingMap().values()) {
            if (newest.size() == count) {
                break;
            }
            newest.add(version);
        }
        Collections.reverse(newest);
        return newest;
    }

    /** How many versions between two were gone before the log could tell of them; 0 stands before the first. */
    long unseen(long from, long to) {
        return to - from - 1 - stepOfVersion.subMap(from, false, to, false).size();
    }

    /**
     * How many versions were gone before the log could tell of them, that a run's checkpoints between two steps could have made.
     *
     * @param after the first step; -1 stands before all
     * @param upTo the last one, which has been reached
     */
    long unseen(String run, long after, long upTo) {
        Map.Entry<Long, Long> last = steps(run).floorEntry(after);
        return unseen(
                last == null ? 0 : last.getValue(),
                steps(run).ceilingEntry(upTo).getValue());
    }

    private NavigableMap<Long, Long> steps(String run) {
        return versionOfStep.getOrDefault(run, Collections.emptyNavigableMap());
    }
}
