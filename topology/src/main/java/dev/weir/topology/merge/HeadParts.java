package dev.weir.topology.merge;

import dev.weir.schemas.record.HeldChunk;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.KeyframeRun;
import dev.weir.schemas.record.StagedState;
import dev.weir.schemas.record.TensorLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The head of a keyframe in as many records as it needs: it says for each run where the log has every chunk of a
 * checkpoint, which for large models is more than a record may have.
 */
final class HeadParts {
    /** Of a chunk's number, checksum and two offsets, at most. */
    private static final int CHUNK_BYTES = 30;
    /** Of a run, a waiting checkpoint or a tensor beside its name. */
    private static final int ENTRY_BYTES = 120;

    /** A part's share of the lists. */
    private record Share(List<TensorLayout> layouts, List<KeyframeRun> runs, List<StagedState> staged) {
        Share() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    private final int partBytes;
    private final List<Share> shares = new ArrayList<>();
    private int bytes;

    private HeadParts(int partBytes) {
        this.partBytes = partBytes;
        begin();
    }

    /**
     * Splits a head.
     *
     * @param partBytes of the lists in a part, about; each part has one entry at least
     */
    static List<KeyframeHead> split(KeyframeHead head, int partBytes) {
        HeadParts split = new HeadParts(partBytes);
        for (TensorLayout layout : head.getLayouts()) {
            split.room(layout.getTensors().stream()
                    .mapToInt(tensor -> ENTRY_BYTES + 3 * tensor.getName().length())
                    .sum());
            split.last().layouts().add(layout);
        }
        for (KeyframeRun run : head.getRuns()) {
            split.entry(
                    run.getRun(), run.getBase(), chunks -> split.last().runs().add(with(run, chunks)));
        }
        for (StagedState state : head.getStaged()) {
            split.entry(
                    state.getRun() + state.getFailure(),
                    state.getChunks(),
                    chunks -> split.last().staged().add(with(state, chunks)));
        }
        List<KeyframeHead> parts = new ArrayList<>();
        split.shares.forEach(share -> parts.add(with(head, share, parts.size(), split.shares.size())));
        return parts;
    }

    /** The whole head again, from all of its parts in order. */
    static KeyframeHead join(List<KeyframeHead> parts) {
        KeyframeHead first = parts.getFirst();
        Share all = new Share();
        for (KeyframeHead part : parts) {
            all.layouts().addAll(part.getLayouts());
            for (KeyframeRun run : part.getRuns()) {
                if (!all.runs().isEmpty() && all.runs().getLast().getRun().equals(run.getRun())) {
                    all.runs().getLast().getBase().addAll(run.getBase());
                } else {
                    all.runs().add(run);
                }
            }
            for (StagedState state : part.getStaged()) {
                if (!all.staged().isEmpty() && id(all.staged().getLast()).equals(id(state))) {
                    all.staged().getLast().getChunks().addAll(state.getChunks());
                } else {
                    all.staged().add(state);
                }
            }
        }
        return with(first, all, 0, first.getParts());
    }

    private static CheckpointId id(StagedState state) {
        return new CheckpointId(state.getRun(), state.getEpoch(), state.getStep());
    }

    /** A run or checkpoint, cut where a part is full. */
    private void entry(String names, List<HeldChunk> chunks, Consumer<List<HeldChunk>> add) {
        int from = 0;
        do {
            room(ENTRY_BYTES + 3 * names.length() + CHUNK_BYTES);
            int fit = 1 + Math.max(0, (partBytes - bytes) / CHUNK_BYTES);
            int until = Math.min(chunks.size(), from + fit);
            add.accept(new ArrayList<>(chunks.subList(from, until)));
            bytes += CHUNK_BYTES * (until - from - 1);
            from = until;
        } while (from < chunks.size());
    }

    /** Begins another part unless these bytes fit into the last one or it has nothing yet. */
    private void room(int more) {
        if (bytes > 0 && bytes + more > partBytes) {
            begin();
        }
        bytes += more;
    }

    private void begin() {
        shares.add(new Share());
        bytes = 0;
    }

    private Share last() {
        return shares.getLast();
    }

    private static KeyframeRun with(KeyframeRun run, List<HeldChunk> base) {
        return new KeyframeRun(
                run.getRun(),
                run.getEpoch(),
                run.getLayoutHash(),
                run.getDecidedStep(),
                run.getDeltas(),
                run.getBaseStep(),
                run.getBaseSeq(),
                base);
    }

    private static StagedState with(StagedState state, List<HeldChunk> chunks) {
        return new StagedState(
                state.getRun(),
                state.getEpoch(),
                state.getStep(),
                state.getFailure(),
                state.getEnded(),
                chunks,
                state.getCompanions(),
                state.getRulesSeq());
    }

    private static KeyframeHead with(KeyframeHead head, Share share, int part, int parts) {
        return new KeyframeHead(
                head.getFormatVersion(),
                head.getApplicationId(),
                head.getSeq(),
                head.getNextOffset(),
                head.getOldestNeeded(),
                head.getPlan(),
                share.layouts(),
                share.runs(),
                head.getChannels(),
                share.staged(),
                head.getCounters(),
                part,
                parts,
                head.getCompletedSeq(),
                head.getRulesSeq());
    }
}
