package dev.weir.topology.coordinate;

import dev.weir.operators.Checkpoint;
import dev.weir.operators.Sums;
import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Feedback;
import dev.weir.schemas.record.FeedbackTarget;
import dev.weir.schemas.record.Opened;
import dev.weir.schemas.record.PlanProposal;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.Reduced;
import dev.weir.schemas.record.Sealed;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.SideInput;
import dev.weir.schemas.record.Staged;
import dev.weir.schemas.record.Staging;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.record.TensorLayout;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.wire.BaselineMoves;
import dev.weir.topology.RetiredVersions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;

/**
 * Decides: which checkpoints are accepted, in which order, with which coefficients, and when a version is complete. A
 * state machine over the partitions' acknowledgements; the clock enters as an argument, and what it causes is a record.
 */
final class Coordinator {
    private static final Sha256 NO_DIGEST = new Sha256(new byte[32]);

    private final int partitions;
    private final StateStore store;
    private final Verdicts verdicts;
    private final LayoutBook layouts;
    private final RunBook runs;
    private final PendingBook waiting;
    private final Baselines baselines;
    private final ChannelBook channels;
    private final VersionBook versions;
    private final InputBook inputs;
    private final SearchBook searches;
    private final ReadyQueue queue;
    private final Reductions reductions;
    private final Refusals refusals;

    /** @param startedMs when this process began, by the coordinator's clock: no checkpoint is given up for time before */
    Coordinator(String model, int partitions, StateStore store, Verdicts verdicts, long startedMs) {
        this.partitions = partitions;
        this.store = store;
        this.verdicts = verdicts;
        this.layouts = new LayoutBook(model, store);
        this.runs = new RunBook(store);
        this.waiting = new PendingBook(partitions, store, startedMs);
        this.baselines = new Baselines(store);
        Retirement retirement = new Retirement(store, baselines);
        this.channels = new ChannelBook(model, store, layouts, baselines, retirement);
        Lineages lineages = new Lineages(store, channels, baselines);
        this.versions = new VersionBook(model, partitions, store, layouts, channels, lineages, baselines, verdicts);
        this.reductions = new Reductions(partitions, store);
        this.refusals = new Refusals(runs, layouts, baselines, channels);
        this.inputs = new InputBook(store, runs);
        this.queue = new ReadyQueue(store, runs, channels, inputs, startedMs);
        this.searches = new SearchBook(
                store, layouts, channels, lineages, retirement, versions, verdicts, this::takeSeq, startedMs);
    }

    /** Takes up what was under way when the state was last stored. */
    void resume() {
        versions.resume();
        pinIfNeeded();
    }

    private void pinIfNeeded() {
        State.Pin baseline = baselines.toPin(channels.plan());
        if (baseline != null) {
            verdicts.pin(baseline);
        }
    }

    /** A new baseline is pinned before anything is mixed with it. */
    private void promotion(Promotion promotion) {
        if (BaselineMoves.by(promotion)) {
            Subject subject = promotion.getSubject();
            baselines.baseline(new State.Pin(promotion.getNumber(), subject.getChannel(), subject.getVersion()));
            pinIfNeeded();
        }
    }

    VersionBook.Positions sealedUpTo() {
        return versions.sealedUpTo();
    }

    CoordinateStatus.Latency latency() {
        return versions.latency();
    }

    Map<String, CoordinateStatus.Search> searches() {
        return searches.underWay();
    }

    /** How many checkpoints wait for their decisions, and how far the newest of them is before what its run has accepted. */
    CoordinateStatus.Undecided undecided() {
        List<State.Pending> pending = waiting.all().stream()
                .filter(one -> !one.run().equals(BaselineRun.NAME))
                .toList();
        long stepsBehind = 0;
        for (State.Pending one : pending) {
            State.Run run = runs.of(one.run());
            long accepted = run == null ? 0 : Math.max(0, run.newestStep());
            stepsBehind = Math.max(stepsBehind, one.step() - accepted);
        }
        return new CoordinateStatus.Undecided(pending.size(), stepsBehind);
    }

    ChannelBook channels() {
        return channels;
    }

    /**
     * Handles an acknowledgement.
     *
     * @param nowMs the coordinator's clock
     * @return whether the record is one that the coordinator knows
     */
    boolean handle(SpecificRecord ack, long nowMs) {
        switch (ack) {
            case Opened opened -> opened(opened);
            case Staging staging -> waiting.staging(staging, nowMs);
            case Staged staged -> staged(staged, nowMs);
            case Reduced reduced -> reduced(reduced, nowMs);
            case Applied applied -> versions.applied(applied);
            case Sealed sealed -> versions.sealed(sealed, nowMs);
            case Promotion promotion -> promotion(promotion);
            case SideInput input -> input(input, nowMs);
            case PlanProposal proposal -> {
                channels.propose(proposal, nextSeq(), verdicts, this::commitSeq);
                pinIfNeeded();
                decideReady(nowMs);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /**
     * Gives up checkpoints whose first record is older than the timeout; decides those that waited long enough for inputs;
     * lets searches go on that waited long enough for scores.
     */
    void expire(long nowMs, long timeoutMs) {
        for (State.Pending late : waiting.late(nowMs, timeoutMs)) {
            abort(late, "timeout: " + waiting.missing(late) + " never ended it within " + timeoutMs + " ms");
        }
        decideReady(nowMs);
        searches.expire(nowMs);
    }

    private void input(SideInput input, long nowMs) {
        InputBook.Refusal refusal = input.getChannel().isEmpty() ? inputs.take(input) : searches.score(input, nowMs);
        if (refusal != null) {
            verdicts.dropped(refusal.reason(), refusal.detail());
        }
        decideReady(nowMs);
    }

    private void opened(Opened opened) {
        // Also of an epoch that another partition has left behind: a checkpoint of it may be complete yet.
        TensorLayout layout = opened.getLayout();
        if (layout != null) {
            layouts.announce(Layout.fromRecord(layout));
        }
        State.Run run = runs.opened(opened);
        if (run == null) {
            return;
        }
        if (run.openedBy().size() == partitions) {
            // Every partition acknowledges in log order: what is not complete by now never will be.
            for (State.Pending old : waiting.before(opened.getRun(), opened.getEpoch())) {
                String missing = waiting.missing(old);
                abort(old, "superseded: epoch " + opened.getEpoch() + " opened before " + missing + " ended it");
            }
            runs.forgetProvenance(opened.getRun(), waiting.oldestEpoch(opened.getRun(), opened.getEpoch()));
        }
    }

    private void staged(Staged staged, long nowMs) {
        State.Pending pending = waiting.staged(staged, nowMs);
        if (pending == null) {
            return;
        }
        if (!staged.getFailure().isEmpty()) {
            refuse(pending, staged.getFailure(), NO_DIGEST, List.of());
        } else if (waiting.complete(pending)) {
            queue.add(PendingBook.key(pending), nowMs);
            decideReady(nowMs);
        }
    }

    private void decideReady(long nowMs) {
        State.Pending ready;
        while ((ready = queue.next(nowMs)) != null) {
            decide(ready);
            if (waiting.waits(ready)) {
                // The partitions have yet to fold what changed a channel, and say again what the checkpoint comes to.
                return;
            }
            searches.begin(nowMs);
        }
    }

    private void reduced(Reduced reduced, long nowMs) {
        if (waiting.decided(reduced.getRun(), reduced.getEpoch(), reduced.getStep())) {
            return;
        }
        reductions.take(reduced);
        decideReady(nowMs);
    }

    private void decide(State.Pending pending) {
        List<State.Part> parts = List.copyOf(pending.parts().values());
        Sha256 digest = Hex.sha256(parts.get(0).checkpointDigest());
        Refusals.Refusal refusal = refusals.of(pending);
        if (refusal != null) {
            refuse(pending, refusal.reason(), digest, refusal.due());
            return;
        }
        boolean baseline = pending.run().equals(BaselineRun.NAME);
        Map<String, Sums> sums =
                baseline ? Map.of() : reductions.sums(pending, parts.get(0).layoutHash(), channels, layouts);
        if (sums != null) {
            accept(pending, digest, sums);
        }
    }

    private void accept(State.Pending pending, Sha256 digest, Map<String, Sums> sums) {
        long seq = takeSeq();
        String layoutHash = pending.parts().values().iterator().next().layoutHash();
        layouts.adopt(layoutHash);
        long endMs = pending.parts().values().stream()
                .mapToLong(State.Part::endTimestampMs)
                .max()
                .orElse(0);
        boolean baseline = pending.run().equals(BaselineRun.NAME);
        if (baseline) {
            baselines.pinned(pending.step(), seq, Hex.of(digest));
        }
        Map<String, Double> joined = baseline ? Map.of() : queue.joined(pending);
        Map<String, String> provenance = runs.provenance(pending.run(), pending.epoch());
        ChannelBook.Entry entry = baseline
                ? new ChannelBook.Entry(List.of(), Map.of(), null, Map.of())
                : channels.enter(
                        new Checkpoint(
                                seq,
                                pending.run(),
                                pending.step(),
                                joined,
                                Set.copyOf(pending.companions()),
                                provenance),
                        Hex.of(digest),
                        sums);
        List<ChannelUpdate> updates = entry.updates();
        Map<String, Long> due = new HashMap<>();
        int position = 0;
        for (ChannelUpdate update : updates) {
            RetiredVersions.of(update).forEach(old -> versions.retire(update.getChannel(), old));
            if (update.getVersion() > 0) {
                due.merge(update.getChannel(), update.getVersion(), Math::max);
                versions.await(update, position++, seq, pending.run(), pending.step(), endMs);
            }
        }
        channels.searches(seq, updates).forEach(verdicts::search);
        runs.accept(pending, new State.Accepted(seq, Hex.of(digest), due));
        inputs.accepted(pending.run(), pending.step());
        write(
                pending,
                decision(pending, seq, Verdict.COMMIT, "", digest)
                        .setLayoutHash(Hex.sha256(layoutHash))
                        .setUpdates(updates)
                        .setInputs(joined)
                        .setPassedBy(entry.passedBy())
                        .setCompanions(pending.companions())
                        .setProvenance(provenance)
                        .build());
        Subject feedback = entry.feedback();
        if (feedback != null) {
            verdicts.feedback(new Feedback(
                    1,
                    seq,
                    pending.run(),
                    pending.epoch(),
                    pending.step(),
                    feedback.getChannel(),
                    feedback.getVersion(),
                    digest,
                    FeedbackTarget.WEIGHTS,
                    new TreeMap<>(entry.distances())));
        }
    }

    private void refuse(State.Pending pending, String reason, Sha256 digest, List<ChannelUpdate> due) {
        write(
                pending,
                decision(pending, takeSeq(), Verdict.REJECT, reason, digest)
                        .setUpdates(due)
                        .build());
    }

    private void abort(State.Pending pending, String reason) {
        write(
                pending,
                decision(pending, takeSeq(), Verdict.ABORT, reason, NO_DIGEST).build());
    }

    /** A decision that does nothing to any channel. */
    private static Decision.Builder decision(
            State.Pending pending, long seq, Verdict verdict, String reason, Sha256 digest) {
        return Decision.newBuilder()
                .setSeq(seq)
                .setRun(pending.run())
                .setEpoch(pending.epoch())
                .setStep(pending.step())
                .setVerdict(verdict)
                .setReason(reason)
                .setLayoutHash(NO_DIGEST)
                .setCheckpointDigest(digest)
                .setUpdates(List.of());
    }

    private void write(State.Pending pending, Decision decision) {
        waiting.forget(pending);
        reductions.forget(pending);
        verdicts.decision(decision);
    }

    private long takeSeq() {
        long seq = nextSeq();
        commitSeq(seq);
        return seq;
    }

    private long nextSeq() {
        Long seq = store.get("seq", Long.class);
        return seq == null ? 1 : seq + 1;
    }

    private void commitSeq(long seq) {
        store.put("seq", seq);
    }
}
