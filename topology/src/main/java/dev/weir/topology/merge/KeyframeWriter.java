package dev.weir.topology.merge;

import dev.weir.schemas.record.KeyframeChunk;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.tensor.Crc;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
    private final Set<Slot> inTopic = new HashSet<>();
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

    /** @param known slots that the topic has already */
    KeyframeWriter(KeyframePolicy policy, int partition, Set<Slot> known) {
        this.policy = policy;
        this.partition = partition;
        this.inTopic.addAll(known);
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
            out.keyframe(key("", -1 - partition), current.head);
            forgetGone(source, out);
            round = null;
        }
    }

    private void write(Source source, Slot slot, FoldOutput out) {
        MemorySegment state = source.state(slot);
        if (state == null) {
            return;
        }
        byte[] bytes = new byte[Math.toIntExact(state.byteSize())];
        MemorySegment.copy(state, 0, MemorySegment.ofArray(bytes), 0, bytes.length);
        ByteBuffer payload = ByteBuffer.wrap(bytes);
        out.keyframe(
                key(slot.channel(), slot.chunk()),
                new KeyframeChunk(
                        1,
                        policy.applicationId(),
                        slot.channel(),
                        slot.chunk(),
                        source.seq(),
                        Crc.crc32c(payload),
                        payload));
        inTopic.add(slot);
    }

    /** Averages of channels that are no more. */
    private void forgetGone(Source source, FoldOutput out) {
        Set<Slot> gone = new HashSet<>(inTopic);
        source.slots().forEach(gone::remove);
        List<Slot> sorted = new ArrayList<>(gone);
        sorted.sort(java.util.Comparator.comparing(Slot::channel).thenComparing(Slot::chunk));
        sorted.forEach(slot -> out.keyframe(key(slot.channel(), slot.chunk()), null));
        inTopic.removeAll(gone);
    }

    private static KeyframeKey key(String channel, int chunk) {
        return new KeyframeKey(1, channel, chunk);
    }
}
