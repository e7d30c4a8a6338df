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
import dev.weir.schemas.record.PromotionVerdict;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;

/**
 * Decides: which checkpoints are accepted, in which order, with which coefficients, and when a version is complete. A
 * state machine over the partitions' acknowledgements; the clock enters as an argument, and what it causes is a record.
 */
final class Coordinator {
    /** Accepted steps that are remembered of each run, for telling a repetition from something new. */
    static final int REMEMBERED_STEPS = 10_000;

    /** Decided checkpoints of each run whose late acknowledgements are told apart: more than a run has in flight. */
    private static final int REMEMBERED_DECISIONS = 64;

    private static final Sha256 NO_DIGEST = new Sha256(new byte[32]);

    private final int partitions;
    private final long startedMs;
    private final StateStore store;
    private final Verdicts verdicts;
    private final LayoutBook layouts;
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
        this.startedMs = startedMs;
        this.partitions = partitions;
        this.store = store;
        this.verdicts = verdicts;
        this.layouts = new LayoutBook(model, store);
        this.baselines = new Baselines(store);
        this.channels = new ChannelBook(model, store, layouts, baselines);
        Lineages lineages = new Lineages(store, channels, baselines);
        this.versions = new VersionBook(model, partitions, store, layouts, channels, lineages, baselines, verdicts);
        this.reductions = new Reductions(partitions, store);
        this.refusals = new Refusals(store, layouts, baselines);
        this.inputs = new InputBook(store);
        this.queue = new ReadyQueue(store, channels, inputs, startedMs);
        this.searches = new SearchBook(
                store, layouts, channels, lineages, baselines, versions, verdicts, this::takeSeq, startedMs);
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
        if (promotion.getVerdict() == PromotionVerdict.PROMOTED
                || promotion.getVerdict() == PromotionVerdict.ROLLED_BACK) {
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
            case Staging staging -> staging(staging, nowMs);
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
        for (State.Pending pending : store.values("pending/", State.Pending.class)) {
            if (!complete(pending) && nowMs - Math.max(pending.firstSeenMs(), startedMs) >= timeoutMs) {
                abort(pending, "timeout: " + missing(pending) + " never ended it within " + timeoutMs + " ms");
            }
        }
        decideReady(nowMs);
        searches.expire(nowMs);
    }

    private boolean complete(State.Pending pending) {
        return pending.parts().size() == partitions;
    }

    private void input(SideInput input, long nowMs) {
        InputBook.Refusal refusal = input.getChannel().isEmpty() ? inputs.take(input) : searches.score(input, nowMs);
        if (refusal != null) {
            verdicts.dropped(refusal.reason(), refusal.detail());
        }
        decideReady(nowMs);
    }

    private void opened(Opened opened) {
        String key = "run/" + opened.getRun();
        State.Run run = store.get(key, State.Run.class);
        if (run != null && run.epoch() > opened.getEpoch()) {
            return;
        }
        TreeSet<Integer> openedBy =
                new TreeSet<>(run != null && run.epoch() == opened.getEpoch() ? run.openedBy() : List.of());
        openedBy.add(opened.getPartition());
        long newestStep = run == null ? -1 : run.newestStep();
        int accepted = run == null ? 0 : run.accepted();
        store.put(
                key, new State.Run(opened.getEpoch(), Hex.of(opened.getLayoutHash()), openedBy, newestStep, accepted));
        TensorLayout layout = opened.getLayout();
        if (layout != null) {
            layouts.announce(Layout.fromRecord(layout));
        }
        if (openedBy.size() == partitions) {
            // Every partition acknowledges in log order: what is not complete by now never will be.
            for (State.Pending pending : store.values("pending/" + opened.getRun() + "/", State.Pending.class)) {
                if (pending.epoch() < opened.getEpoch() && !complete(pending)) {
                    abort(
                            pending,
                            "superseded: epoch " + opened.getEpoch() + " opened before " + missing(pending)
                                    + " ended it");
                }
            }
        }
    }

    private void staging(Staging staging, long nowMs) {
        if (!decided(staging.getRun(), staging.getEpoch(), staging.getStep())) {
            pending(staging.getRun(), staging.getEpoch(), staging.getStep(), nowMs);
        }
    }

    private State.Pending pending(String run, long epoch, long step, long nowMs) {
        String key = key(run, epoch, step);
        State.Pending pending = store.get(key, State.Pending.class);
        if (pending == null) {
            pending = new State.Pending(run, epoch, step, nowMs, Map.of());
            store.put(key, pending);
        }
        return pending;
    }

    private void staged(Staged staged, long nowMs) {
        if (decided(staged.getRun(), staged.getEpoch(), staged.getStep())) {
            return;
        }
        State.Pending before = pending(staged.getRun(), staged.getEpoch(), staged.getStep(), nowMs);
        if (!staged.getFailure().isEmpty()) {
            refuse(before, staged.getFailure(), NO_DIGEST, List.of());
            return;
        }
        Map<Integer, State.Part> parts = new HashMap<>(before.parts());
        parts.put(
                staged.getPartition(),
                new State.Part(
                        Hex.of(staged.getLayoutHash()),
                        Hex.of(staged.getCheckpointDigest()),
                        staged.getEndTimestampMs(),
                        staged.getCompanions()));
        State.Pending pending =
                new State.Pending(before.run(), before.epoch(), before.step(), before.firstSeenMs(), parts);
        store.put(key(pending.run(), pending.epoch(), pending.step()), pending);
        if (complete(pending)) {
            queue.add(key(pending.run(), pending.epoch(), pending.step()), nowMs);
            decideReady(nowMs);
        }
    }

    private void decideReady(long nowMs) {
        State.Pending ready;
        while ((ready = queue.next(nowMs)) != null) {
            decide(ready);
            if (store.get(key(ready.run(), ready.epoch(), ready.step()), State.Pending.class) != null) {
                // The partitions have yet to fold what changed a channel, and say again what the checkpoint comes to.
                return;
            }
            searches.begin(nowMs);
        }
    }

    private void reduced(Reduced reduced, long nowMs) {
        if (decided(reduced.getRun(), reduced.getEpoch(), reduced.getStep())) {
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
        State.Run run = store.get("run/" + pending.run(), State.Run.class);
        boolean baseline = pending.run().equals(BaselineRun.NAME);
        Map<String, Sums> sums =
                baseline ? Map.of() : reductions.sums(pending, parts.get(0).layoutHash(), channels, layouts);
        if (sums != null) {
            accept(pending, run, digest, sums);
        }
    }

    private void accept(
            State.Pending pending,
            State.@org.jspecify.annotations.Nullable Run run,
            Sha256 digest,
            Map<String, Sums> sums) {
        long seq = nextSeq();
        commitSeq(seq);
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
        ChannelBook.Entry entry = baseline
                ? new ChannelBook.Entry(List.of(), Map.of(), null)
                : channels.enter(
                        new Checkpoint(seq, pending.run(), pending.step(), joined, Set.copyOf(pending.companions())),
                        Hex.of(digest),
                        sums);
        List<ChannelUpdate> updates = entry.updates();
        Map<String, Long> due = new HashMap<>();
        int position = 0;
        for (ChannelUpdate update : updates) {
            if (update.getRetire() > 0) {
                verdicts.retired(update.getChannel(), update.getRetire());
            }
            if (update.getVersion() > 0) {
                due.merge(update.getChannel(), update.getVersion(), Math::max);
                versions.await(update, position++, seq, pending.run(), pending.step(), endMs);
            }
        }
        channels.searches(seq, updates).forEach(verdicts::search);
        store.put(accepted(pending.run(), pending.step()), new State.Accepted(seq, Hex.of(digest), due));
        if (run != null) {
            int remembered = run.accepted() + 1;
            if (remembered > REMEMBERED_STEPS) {
                store.deleteFirst("accepted/" + pending.run() + "/");
                remembered--;
            }
            store.put(
                    "run/" + pending.run(),
                    new State.Run(run.epoch(), run.layoutHash(), run.openedBy(), pending.step(), remembered));
        }
        inputs.accepted(pending.run(), pending.step());
        write(
                pending,
                decision(pending, seq, Verdict.COMMIT, "", digest)
                        .setLayoutHash(Hex.sha256(layoutHash))
                        .setUpdates(updates)
                        .setInputs(joined)
                        .setPassedBy(entry.passedBy())
                        .setCompanions(pending.companions())
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
                    FeedbackTarget.WEIGHTS));
        }
    }

    private void refuse(State.Pending pending, String reason, Sha256 digest, List<ChannelUpdate> due) {
        long seq = nextSeq();
        commitSeq(seq);
        write(
                pending,
                decision(pending, seq, Verdict.REJECT, reason, digest)
                        .setUpdates(due)
                        .build());
    }

    private void abort(State.Pending pending, String reason) {
        long seq = nextSeq();
        commitSeq(seq);
        write(pending, decision(pending, seq, Verdict.ABORT, reason, NO_DIGEST).build());
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
        store.delete(key(pending.run(), pending.epoch(), pending.step()));
        reductions.forget(pending);
        rememberDecided(pending);
        verdicts.decision(decision);
    }

    /** Whether it is decided already, for instance by another partition's failure. */
    private boolean decided(String run, long epoch, long step) {
        return store.get("decided/" + key(run, epoch, step), Boolean.class) != null;
    }

    /** Acknowledgements of a decided checkpoint may still be on their way. */
    private void rememberDecided(State.Pending pending) {
        String prefix = "decided/pending/" + pending.run() + "/";
        if (store.keys(prefix).size() >= REMEMBERED_DECISIONS) {
            store.deleteFirst(prefix);
        }
        store.put("decided/" + key(pending.run(), pending.epoch(), pending.step()), true);
    }

    private String missing(State.Pending pending) {
        TreeSet<Integer> missing = new TreeSet<>();
        for (int partition = 0; partition < partitions; partition++) {
            if (!pending.parts().containsKey(partition)) {
                missing.add(partition);
            }
        }
        return "partitions " + missing;
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

    private static String key(String run, long epoch, long step) {
        return "pending/" + run + "/" + StateStore.number(epoch) + "/" + StateStore.number(step);
    }

    /** Under which an accepted checkpoint is kept. */
    static String accepted(String run, long step) {
        return "accepted/" + run + "/" + StateStore.number(step);
    }
}
