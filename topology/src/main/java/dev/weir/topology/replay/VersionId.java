package dev.weir.topology.replay;

/** One version of a channel. */
record VersionId(String channel, long version) {
    @Override
    public String toString() {
        return "channel " + channel + " version " + version;
    }
}
