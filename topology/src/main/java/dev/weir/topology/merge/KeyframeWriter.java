package dev.weir.topology.merge;

import dev.weir.schemas.record.KeyframeChunk;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.tensor.Crc;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Writes keyframes a share at each decision, so that none stalls its partition: the control state is taken at the first
 * decision of a round, every average somewhen during it, each with the number of the newest decision that it contains;
 * the head comes last and makes the round valid. A round that breaks off leaves averages that are newer than their head,
 * which is right as well.
 */
final class KeyframeWriter {
    private final KeyframePolicy policy;
    private final int partition;
    /** Parts of each slot. */
    private final Map<Slot, Integer> inTopic = new HashMap<>();

    private int headsInTopic;

    private @Nullable Round round;

    /** What is written from one decision to another. */
    private static final class Round {
        private final KeyframeHead head;
        private final List<Slot> slots;
        private int written;
        private int decisions;
        private long bytes;

        Round(KeyframeHead head, List<Slot> slots) {
            this.head = head;
            this.slots = slots;
        }
    }

    /**
     * @param known slots that the topic has already, and how many parts of each
     * @param knownHeads parts of the head that the topic has already
     */
    KeyframeWriter(KeyframePolicy policy, int partition, Map<Slot, Integer> known, int knownHeads) {
        this.policy = policy;
        this.partition = partition;
        this.inTopic.putAll(known);
        this.headsInTopic = knownHeads;
    }

    /** What the fold has at this decision. */
    interface Source {
        /** The control state now. */
        KeyframeHead head(String applicationId);

        /** All averages that there are, in a fixed order. */
        List<Slot> slots();

        /** One average; null: it is gone. */
        @Nullable
        MemorySegment state(Slot slot);

        /** The newest decision or plan. */
        long seq();
    }

    /**
     * A decision was folded.
     *
     * @param bytes of deltas since the one before
     */
    void decided(Source source, long bytes, FoldOutput out) {
        Round current = round == null ? new Round(source.head(policy.applicationId()), source.slots()) : round;
        round = current;
        current.decisions++;
        current.bytes += current.decisions == 1 ? 0 : bytes;
        double share = (double) current.decisions / policy.decisions();
        if (policy.bytes() > 0) {
            share = Math.max(share, (double) current.bytes / policy.bytes());
        }
        boolean last = share >= 1;
        int until = last ? current.slots.size() : (int) (share * current.slots.size());
        for (; current.written < until; current.written++) {
            write(source, current.slots.get(current.written), out);
        }
        if (last) {
            current.head.put("completedSeq", source.seq());
            write(current.head, out);
            forgetGone(source, out);
            round = null;
        }
    }

    /**
     * A decision was folded in silence: whoever emitted it has written newer keyframes, behind which a head of the round that
     * had begun here would be wrong.
     */
    void decidedElsewhere() {
        round = null;
    }

    /** A plan is about to be taken over: what it drops may be in the topic, whoever wrote it there. */
    void beforePlan(Source source) {
        for (Slot slot : source.slots()) {
            MemorySegment state = source.state(slot);
            if (state != null) {
                inTopic.merge(slot, Math.toIntExact(Math.ceilDiv(state.byteSize(), policy.partBytes())), Math::max);
            }
        }
    }

    private void write(KeyframeHead head, FoldOutput out) {
        List<KeyframeHead> parts = HeadParts.split(head, policy.partBytes());
        for (int part = 0; part < Math.max(parts.size(), headsInTopic); part++) {
            out.keyframe(key("", -1 - partition, part), part < parts.size() ? parts.get(part) : null);
        }
        headsInTopic = parts.size();
    }

    private void write(Source source, Slot slot, FoldOutput out) {
        MemorySegment state = source.state(slot);
        if (state == null) {
            return;
        }
        int parts = 0;
        for (long from = 0; from < state.byteSize(); from += policy.partBytes()) {
            ByteBuffer payload = state.asSlice(from, Math.min(policy.partBytes(), state.byteSize() - from))
                    .asByteBuffer();
            out.keyframe(
                    key(slot, parts++),
                    new KeyframeChunk(
                            1,
                            policy.applicationId(),
                            slot.channel(),
                            slot.chunk(),
                            source.seq(),
                            state.byteSize(),
                            from,
                            Crc.crc32c(payload),
                            payload));
        }
        forget(slot, parts, out);
        inTopic.put(slot, parts);
    }

    /** Averages of channels that are no more. */
    private void forgetGone(Source source, FoldOutput out) {
        Set<Slot> gone = new TreeSet<>(inTopic.keySet());
        source.slots().forEach(gone::remove);
        gone.forEach(slot -> {
            forget(slot, 0, out);
            inTopic.remove(slot);
        });
    }

    /** Removes the parts that the topic has of a slot, from this one on. */
    private void forget(Slot slot, int from, FoldOutput out) {
        for (int part = from; part < inTopic.getOrDefault(slot, 0); part++) {
            out.keyframe(key(slot, part), null);
        }
    }

    private static KeyframeKey key(Slot slot, int part) {
        return key(slot.channel(), slot.chunk(), part);
    }

    private static KeyframeKey key(String channel, int chunk, int part) {
        return new KeyframeKey(1, channel, chunk, part);
    }
}
