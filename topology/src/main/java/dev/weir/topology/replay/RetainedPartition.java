package dev.weir.topology.replay;

import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Combination;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Layout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * What one partition of a log whose beginning is gone still has of each accepted checkpoint. That a checkpoint was accepted
 * says that all of it was sound and there; asked here is only whether it still is: as many chunks as its end counts, and of
 * each difference the checkpoint that it refers to.
 */
final class RetainedPartition {
    private record Writer(String run, long epoch) {}

    private record Id(Writer writer, long step) {}

    /** An accepted checkpoint with the oldest offset of what it is made of; -1: something of that is gone. */
    private record Accepted(long seq, long oldest) {}

    /** An epoch of a run. */
    private static final class Epoch {
        /** Whether its OPEN lies before, here or among what is gone. */
        private boolean begun;
        /** Offset of that OPEN; -1: it is gone. */
        private long openedAt = -1;

        private boolean differences;
        private long decidedStep = -1;
        private long baseStep = -1;
        private long baseOldest = -1;
        /** The largest {@link Accepted#oldest} of its checkpoints. */
        private long wholeFrom = -1;
    }

    /** A checkpoint that waits for its decision. */
    private static final class Pieces {
        private final Set<Integer> numbers = new HashSet<>();
        private boolean ended;
        private long oldest;
        private String missing = "";

        private Pieces(long offset) {
            oldest = offset;
        }

        private void chunk(Chunk chunk, Epoch epoch) {
            if (!numbers.add(chunk.getChunk()) || chunk.getEncoding() == Encoding.FULL.number()) {
                return;
            }
            epoch.differences = true;
            if (chunk.getBaseStep() == epoch.baseStep) {
                oldest = Math.min(oldest, epoch.baseOldest);
            } else {
                miss("chunk " + chunk.getChunk() + " is a difference to step " + chunk.getBaseStep()
                        + ", which is not whole");
            }
        }

        private void end(End end) {
            ended = true;
            if (numbers.size() != end.getChunks()) {
                miss(numbers.size() + " of " + end.getChunks() + " chunks are left");
            }
            numbers.clear();
        }

        private void miss(String what) {
            missing = missing.isEmpty() ? what : missing;
        }
    }

    private final int partition;
    private final Map<Writer, Epoch> epochs = new HashMap<>();
    private final Map<Id, Pieces> waiting = new HashMap<>();
    private final List<Accepted> accepted = new ArrayList<>();
    private long firstSeq;
    private long lastSeq;
    private String broken = "";

    RetainedPartition(int partition) {
        this.partition = partition;
    }

    /** The records of the partition one after the other, from the first that is left on. */
    void take(@Nullable SpecificRecord record, long offset) {
        switch (record) {
            case Open open -> open(open, offset);
            case Chunk chunk -> {
                Writer writer = new Writer(chunk.getRun(), chunk.getEpoch());
                Pieces pieces = waiting(writer, chunk.getStep(), offset);
                if (pieces != null) {
                    pieces.chunk(chunk, epoch(writer));
                }
            }
            case End end -> {
                Pieces pieces = waiting(new Writer(end.getRun(), end.getEpoch()), end.getStep(), offset);
                if (pieces != null) {
                    pieces.end(end);
                }
            }
            case Decision decision -> {
                number(decision.getSeq());
                decide(decision);
            }
            case Combination combination -> number(combination.getSeq());
            case Plan plan -> number(plan.getSeq());
            case null, default -> {}
        }
    }

    /** Number of the first decision or plan; 0: there is none. */
    long firstSeq() {
        return firstSeq;
    }

    /** Number of the last one; 0: there is none. */
    long lastSeq() {
        return lastSeq;
    }

    /**
     * Number of the newest decision that accepted a checkpoint that is not whole here; 0: there is none.
     *
     * @param start offset of the first record that is left by now
     */
    long brokenSeq(long start) {
        for (Accepted one : accepted.reversed()) {
            if (one.oldest() < start) {
                return one.seq();
            }
        }
        return 0;
    }

    /** What the newest of those lacked when it was read; empty: none lacked anything then. */
    String broken() {
        return broken;
    }

    /** Number of the first decision from that one on that accepted something; 0: none did. */
    long acceptedFrom(long seq) {
        for (Accepted one : accepted) {
            if (one.seq() >= seq) {
                return one.seq();
            }
        }
        return 0;
    }

    /**
     * The OPENs that are gone, of epochs of which a checkpoint is whole.
     *
     * @param start offset of the first record that is left by now
     */
    List<Open> opens(Layout layout, long start) {
        List<Open> opens = new ArrayList<>();
        epochs.forEach((writer, epoch) -> {
            if (epoch.openedAt < start && epoch.wholeFrom >= start) {
                opens.add(new Open(
                        1,
                        writer.run(),
                        writer.epoch(),
                        layout.hashRecord(),
                        layout.toRecord(),
                        epoch.differences,
                        Map.of()));
            }
        });
        return opens;
    }

    /** What was written of an epoch before it began was dropped, and what older ones had not closed was forgotten. */
    private void open(Open open, long offset) {
        Writer opened = new Writer(open.getRun(), open.getEpoch());
        Epoch epoch = epoch(opened);
        if (epoch.begun) {
            return;
        }
        epoch.begun = true;
        epoch.openedAt = offset;
        waiting.entrySet().removeIf(entry -> {
            Writer writer = entry.getKey().writer();
            boolean older = writer.run().equals(open.getRun()) && writer.epoch() < open.getEpoch();
            return writer.equals(opened) || (older && !entry.getValue().ended);
        });
    }

    /** The checkpoint, if something may still be added to it. */
    private @Nullable Pieces waiting(Writer writer, long step, long offset) {
        if (step <= epoch(writer).decidedStep) {
            return null;
        }
        Pieces pieces = waiting.computeIfAbsent(new Id(writer, step), id -> new Pieces(offset));
        return pieces.ended ? null : pieces;
    }

    private void decide(Decision decision) {
        Writer writer = new Writer(decision.getRun(), decision.getEpoch());
        Epoch epoch = epoch(writer);
        epoch.decidedStep = Math.max(epoch.decidedStep, decision.getStep());
        Pieces pieces = waiting.remove(new Id(writer, decision.getStep()));
        if (decision.getVerdict() != Verdict.COMMIT) {
            return;
        }
        epoch.begun = true;
        String missing = pieces == null || !pieces.ended ? "it is gone" : pieces.missing;
        if (pieces == null || !missing.isEmpty()) {
            accepted.add(new Accepted(decision.getSeq(), -1));
            broken = "decision " + decision.getSeq() + " accepted step " + decision.getStep() + " of run "
                    + decision.getRun() + ", and in partition " + partition + " " + missing;
            return;
        }
        accepted.add(new Accepted(decision.getSeq(), pieces.oldest));
        epoch.wholeFrom = Math.max(epoch.wholeFrom, pieces.oldest);
        if (decision.getStep() > epoch.baseStep) {
            epoch.baseStep = decision.getStep();
            epoch.baseOldest = pieces.oldest;
        }
    }

    private void number(long seq) {
        firstSeq = firstSeq == 0 ? seq : firstSeq;
        lastSeq = seq;
    }

    private Epoch epoch(Writer writer) {
        return epochs.computeIfAbsent(writer, one -> new Epoch());
    }
}
