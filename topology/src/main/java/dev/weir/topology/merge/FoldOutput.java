package dev.weir.topology.merge;

import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Where a fold puts what it has to say. A fold that restores says nothing and does not compute what it would say. */
public interface FoldOutput {
    /** Says nothing: for restoring. */
    FoldOutput NONE = new FoldOutput() {
        @Override
        public boolean emits() {
            return false;
        }

        @Override
        public void ack(SpecificRecord ack) {}

        @Override
        public void merged(MergedChunk chunk) {}

        @Override
        public void ended(MergedEnd end) {}

        @Override
        public void retired(String channel, long version, int chunk) {}

        @Override
        public void dropped(String reason, String detail) {}

        @Override
        public void keyframe(KeyframeKey key, @Nullable SpecificRecord value) {}
    };

    /** Whether merged chunks are wanted at all. */
    default boolean emits() {
        return true;
    }

    /**
     * Whether more of the log is there already, so that work that nobody looks at yet may wait for what comes next, and hold memory
     * as long. Nothing that is said depends on it.
     */
    default boolean behind() {
        return false;
    }

    /** Opened, Staging, Staged or Applied, for the coordinator. */
    void ack(SpecificRecord ack);

    /** A merged chunk; its payload is only valid during the call. */
    void merged(MergedChunk chunk);

    /** All merged chunks of this version in this partition came before. */
    void ended(MergedEnd end);

    /** The merged chunk of an old version is no longer kept; a negative chunk (-1 minus the partition) stands for its end mark. */
    void retired(String channel, long version, int chunk);

    /** A share of a keyframe, its chunk or its head; null: this chunk has no state any more. */
    void keyframe(KeyframeKey key, @Nullable SpecificRecord value);

    /** The record was not used; counted by reason already. */
    void dropped(String reason, String detail);
}
