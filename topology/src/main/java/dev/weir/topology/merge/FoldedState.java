package dev.weir.topology.merge;

import dev.weir.schemas.record.KeyframeHead;
import dev.weir.topology.store.Counters;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a partition knows behind a decision, as keyframes are made of it.
 *
 * @param seq of the decision
 * @param nextOffset behind it
 */
record FoldedState(Channels channels, Waiting waiting, Counters counters, long seq, long nextOffset)
        implements KeyframeWriter.Source {

    @Override
    public KeyframeHead head(String applicationId) {
        return new KeyframeHead(
                1,
                applicationId,
                seq,
                nextOffset,
                waiting.oldestOffset(nextOffset),
                channels.planJson(),
                waiting.layoutRecords(),
                waiting.runRecords(),
                channels.withState(),
                waiting.stagedRecords(),
                counters.snapshot(),
                0,
                1,
                seq,
                channels.rulesSeq());
    }

    @Override
    public List<Slot> slots() {
        return channels.slots();
    }

    @Override
    public @Nullable MemorySegment state(Slot slot) {
        return channels.state(slot);
    }
}
