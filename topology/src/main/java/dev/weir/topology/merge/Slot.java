package dev.weir.topology.merge;

/**
 * What a keyframe keeps apart: one channel's state over one chunk.
 *
 * @param channel its name; {@link Baseline#CHANNEL} for the pinned baseline
 * @param chunk number in the layout
 */
record Slot(String channel, int chunk) implements Comparable<Slot> {
    @Override
    public int compareTo(Slot other) {
        int byChannel = channel.compareTo(other.channel);
        return byChannel != 0 ? byChannel : Integer.compare(chunk, other.chunk);
    }
}
