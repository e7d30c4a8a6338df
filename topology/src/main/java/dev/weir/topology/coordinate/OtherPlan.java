package dev.weir.topology.coordinate;

import dev.weir.operators.Bcwi;
import dev.weir.operators.Checkpoint;
import dev.weir.operators.CompanionSums;
import dev.weir.operators.SearchChannel;
import dev.weir.operators.Sums;
import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Combination;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Feedback;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.PlanProposal;
import dev.weir.schemas.record.Sealed;
import dev.weir.schemas.record.SearchProposal;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Layout;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What coordinate would have decided under another plan: the verdicts of a log stay, and with them the order of the
 * checkpoints; what each does to the channels is that plan's. In memory, for replays. Not thread-safe.
 */
public final class OtherPlan {
    private final Plan plan;
    private final LayoutBook layouts;
    private final Baselines baselines;
    private final ChannelBook channels;
    private final VersionBook versions;
    private final Answers answers = new Answers();

    /**
     * @param partitions of deltas
     * @throws IllegalArgumentException when a channel searches: nobody scores the candidates of a replay
     */
    public OtherPlan(Plan plan, int partitions) {
        this.plan = plan;
        for (ChannelPlan channel : plan.channels()) {
            if (channel.create() instanceof SearchChannel) {
                throw new IllegalArgumentException("channel " + channel.name() + ": operator " + channel.operator()
                        + " waits for scores of its candidates, which nobody gives in a replay; allowed: operators that"
                        + " do not search");
            }
        }
        StateStore store = StateStore.inMemory();
        layouts = new LayoutBook(plan.model(), store);
        baselines = new Baselines(store);
        channels = new ChannelBook(plan.model(), store, layouts, baselines, new Retirement(store, baselines));
        Lineages lineages = new Lineages(store, channels, baselines);
        versions = new VersionBook(plan.model(), partitions, store, layouts, channels, lineages, baselines, answers);
        channels.propose(new PlanProposal(1, "", PlanFormat.toJson(plan)), 0, answers, seq -> {});
    }

    /** The plan as it is folded. */
    public String planJson() {
        return PlanFormat.toJson(plan);
    }

    /** Remembers a layout that a run announced. */
    public void opened(Open open) {
        announce(Layout.fromRecord(open.getLayout()));
    }

    /** Remembers a layout. */
    public void announce(Layout layout) {
        layouts.announce(layout);
    }

    /** The model's layout, after the first accepted checkpoint. */
    public Layout layout() {
        return layouts.model();
    }

    /** Tensors that snapshots leave out. */
    public List<String> skipped() {
        return channels.skipped();
    }

    /** A decision with what it does to this plan's channels, apart from what depends on sums over tensors. */
    public Decision decide(Decision made) {
        return decide(made, List.of());
    }

    /**
     * A decision with what it does to this plan's channels; call it once each, in their order.
     *
     * @param reduced what each partition's chunks come to, by channel; for channels that need sums over tensors
     */
    public Decision decide(Decision made, List<Map<String, List<Double>>> reduced) {
        if (made.getVerdict() != Verdict.COMMIT) {
            return made;
        }
        String digest = Hex.of(made.getCheckpointDigest());
        layouts.adopt(Hex.of(made.getLayoutHash()));
        if (!made.getRun().equals(BaselineRun.NAME)) {
            // What was joined then is joined now; an input that no channel read then is missing.
            Checkpoint checkpoint = new Checkpoint(
                    made.getSeq(),
                    made.getRun(),
                    made.getStep(),
                    made.getInputs(),
                    Set.copyOf(made.getCompanions()),
                    made.getProvenance());
            return with(made, channels.enter(checkpoint, digest, sums(reduced)).updates());
        }
        // Its channel and version stand in the promotions; a manifest names it by the number of the promotion alone.
        baselines.baseline(new State.Pin(made.getStep(), "", 0));
        if (baselines.toPin(plan) == null) {
            return copy(made, Verdict.REJECT, "baseline: no channel takes it", List.of());
        }
        baselines.pinned(made.getStep(), made.getSeq(), digest);
        return with(made, List.of());
    }

    private Map<String, Sums> sums(List<Map<String, List<Double>>> reduced) {
        Map<String, Sums> sums = new HashMap<>();
        for (ChannelPlan channel : plan.channels()) {
            String companion = channel.create().companion();
            int numbers = companion.isEmpty() ? channel.create().shape().reductions() : CompanionSums.NUMBERS;
            String key = companion.isEmpty() ? channel.name() : CompanionSums.key(companion);
            List<List<Double>> parts = reduced.stream()
                    .map(part -> part.getOrDefault(key, List.of()))
                    .toList();
            if (numbers > 0 && parts.stream().anyMatch(part -> !part.isEmpty())) {
                Sums known = Reductions.sums(layouts.model(), numbers, parts);
                sums.put(channel.name(), known.of(layouts.model().tensors(), plan.tensors()));
            }
        }
        return sums;
    }

    /** Whether nobody knows without the weights when this channel emits: sums over tensors decide what enters it. */
    public boolean selects(String channel) {
        return plan.channel(channel)
                .map(ChannelPlan::create)
                .filter(operator -> operator.selects() || (operator instanceof Bcwi mix && selects(mix.from())))
                .isPresent();
    }

    /** Whether some channel's coefficients depend on sums over tensors. */
    public boolean reduces() {
        return plan.channels().stream()
                .map(ChannelPlan::create)
                .anyMatch(operator -> operator.shape().reductions() > 0
                        || !operator.companion().isEmpty());
    }

    /** The decision without the versions of other channels than these; those that stay are expected from now on. */
    public Decision emitting(Decision decided, Predicate<String> wanted) {
        List<ChannelUpdate> updates = new ArrayList<>();
        int position = 0;
        for (ChannelUpdate update : decided.getUpdates()) {
            long version = wanted.test(update.getChannel()) ? update.getVersion() : 0;
            updates.add(new ChannelUpdate(update.getChannel(), update.getCoefficients(), version, 0L, List.of()));
            if (version > 0) {
                versions.await(update, position++, decided.getSeq(), decided.getRun(), decided.getStep(), 0);
            }
        }
        return with(decided, updates);
    }

    /**
     * The manifest of a version that was expected.
     *
     * @param applied what every partition said when it had emitted
     * @param digest content digest of the version
     */
    public Manifest manifest(String channel, long version, List<Applied> applied, Sha256 digest) {
        // Saying it again for the next version of the same decision changes nothing.
        applied.forEach(versions::applied);
        Sealed sealed = Sealed.newBuilder()
                .setChannel(channel)
                .setVersion(version)
                .setSeq(applied.getFirst().getSeq())
                .setDigest(digest)
                .setRanges(List.of())
                .build();
        answers.manifest = null;
        versions.sealed(sealed, 0);
        Manifest manifest = answers.manifest;
        if (manifest == null) {
            throw new IllegalStateException("channel " + channel + " version " + version + " was not expected");
        }
        return manifest;
    }

    private static Decision with(Decision decision, List<ChannelUpdate> updates) {
        return copy(decision, decision.getVerdict(), decision.getReason(), updates);
    }

    private static Decision copy(Decision from, Verdict verdict, String reason, List<ChannelUpdate> updates) {
        return Decision.newBuilder()
                .setSeq(from.getSeq())
                .setRun(from.getRun())
                .setEpoch(from.getEpoch())
                .setStep(from.getStep())
                .setVerdict(verdict)
                .setReason(reason)
                .setLayoutHash(from.getLayoutHash())
                .setCheckpointDigest(from.getCheckpointDigest())
                .setUpdates(updates)
                .build();
    }

    /** Takes the one answer that is of use here. */
    private static final class Answers implements Verdicts {
        private @Nullable Manifest manifest;

        @Override
        public void manifest(Manifest given) {
            manifest = given;
        }

        @Override
        public void decision(Decision decision) {}

        @Override
        public void plan(dev.weir.schemas.record.Plan plan) {}

        @Override
        public void answer(dev.weir.schemas.record.Plan refused) {
            throw new IllegalArgumentException(refused.getRefusal());
        }

        @Override
        public void seal(SealJob job) {}

        @Override
        public void retired(String channel, long version) {}

        @Override
        public void search(SearchProposal proposal) {}

        @Override
        public void combination(Combination combination) {}

        @Override
        public void feedback(Feedback feedback) {}

        @Override
        public void dropped(String reason, String detail) {}

        @Override
        public void pin(State.Pin baseline) {}
    }
}
