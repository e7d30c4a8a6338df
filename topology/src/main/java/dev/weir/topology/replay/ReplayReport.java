package dev.weir.topology.replay;

import java.util.List;

/**
 * What a replay found.
 *
 * @param snapshots versions with a manifest
 * @param equal those whose digest came out again and whose merged chunks, as far as they are kept, are the same
 * @param records records of deltas that were folded
 * @param threads threads that folded
 * @param differences what differs, each naming channel, version and tensor
 */
public record ReplayReport(int snapshots, int equal, long records, int threads, List<Difference> differences) {
    /**
     * @param channel name of the channel
     * @param version version of it
     * @param tensor name of the tensor; empty for the whole snapshot
     * @param problem what differs
     */
    public record Difference(String channel, long version, String tensor, String problem) {}

    public boolean allEqual() {
        return snapshots == equal && differences.isEmpty();
    }
}
