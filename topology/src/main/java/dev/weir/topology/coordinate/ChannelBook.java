package dev.weir.topology.coordinate;

import dev.weir.operators.Bcwi;
import dev.weir.operators.Checkpoint;
import dev.weir.operators.Operator;
import dev.weir.operators.Operators;
import dev.weir.operators.Progress;
import dev.weir.operators.Step;
import dev.weir.operators.Sums;
import dev.weir.operators.TensorPolicy;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.PlanProposal;
import dev.weir.schemas.record.SearchProposal;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanException;
import dev.weir.topology.plan.PlanFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The plan, the model's layout, and how far each channel is. */
final class ChannelBook {
    /** Checkpoints that a channel's lineage lists at most. */
    static final int LINEAGE = 10_000;

    /** A layout as it is stored. */
    record StoredLayout(int chunkElements, List<StoredTensor> tensors) {}

    /** A tensor of it. */
    record StoredTensor(String name, String dtype, List<Long> shape) {}

    private final String model;
    private final StateStore store;

    ChannelBook(String model, StateStore store) {
        this.model = model;
        this.store = store;
    }

    /** The plan in force; null before the first. */
    @Nullable
    Plan plan() {
        String json = store.get("plan", String.class);
        return json == null ? null : PlanFormat.parse(json);
    }

    /** The channels that the plan has, with their newest complete versions. */
    Map<String, Long> newestVersions() {
        Map<String, Long> versions = new TreeMap<>();
        Plan plan = plan();
        if (plan != null) {
            plan.channels().forEach(channel -> versions.put(channel.name(), complete(channel.name())));
        }
        return versions;
    }

    /** Answers a proposal; an accepted one takes the next decision number. */
    void propose(PlanProposal proposal, long nextSeq, Verdicts verdicts, LongConsumer commitSeq) {
        dev.weir.schemas.record.Plan.Builder answer = dev.weir.schemas.record.Plan.newBuilder()
                .setProposal(proposal.getProposal())
                .setPlan(proposal.getPlan());
        Plan next;
        try {
            next = PlanFormat.parse(proposal.getPlan());
        } catch (PlanException refused) {
            verdicts.answer(answer.setSeq(0L)
                    .setRefusal(String.valueOf(refused.getMessage()))
                    .build());
            return;
        }
        if (!next.model().equals(model)) {
            verdicts.answer(answer.setSeq(0L)
                    .setRefusal("plan: model " + next.model() + ": this is " + model)
                    .build());
            return;
        }
        Plan current = plan();
        if (next.equals(current)) {
            verdicts.answer(answer.setSeq(nextSeq - 1).setRefusal("").build());
            return;
        }
        commitSeq.accept(nextSeq);
        adopt(current, next, nextSeq);
        verdicts.plan(answer.setSeq(nextSeq)
                .setPlan(PlanFormat.toJson(next))
                .setRefusal("")
                .build());
    }

    /** Remembers a layout that a run announced. */
    void announce(Layout layout) {
        List<StoredTensor> tensors = layout.tensors().stream()
                .map(tensor -> new StoredTensor(tensor.name(), tensor.dtype().label(), tensor.shape()))
                .toList();
        store.put("layout/" + Hex.of(layout.hashRecord()), new StoredLayout(layout.chunkElements(), tensors));
    }

    /** Empty when the layout is the model's, or the model has none yet; else why the checkpoint is refused. */
    String layoutMismatch(String hash) {
        String models = store.get("model-layout", String.class);
        if (models == null || models.equals(hash)) {
            return "";
        }
        StoredLayout theirs = store.get("layout/" + hash, StoredLayout.class);
        return "layout: "
                + (theirs == null
                        ? "unknown"
                        : layout(theirs).difference(layout()).orElse("other chunk size"));
    }

    /** The first accepted checkpoint gives the model its layout. */
    void adoptLayout(String hash) {
        if (store.get("model-layout", String.class) == null) {
            store.put("model-layout", hash);
        }
    }

    /** The model's layout. */
    Layout layout() {
        String hash = store.get("model-layout", String.class);
        StoredLayout stored = hash == null ? null : store.get("layout/" + hash, StoredLayout.class);
        if (stored == null) {
            throw new IllegalStateException("model " + model + " has no layout before its first checkpoint");
        }
        return layout(stored);
    }

    /** Tensors that snapshots leave out. */
    List<String> skipped() {
        Plan plan = plan();
        return plan == null
                ? List.of()
                : layout().tensors().stream()
                        .filter(tensor -> TensorPolicy.of(tensor, plan.tensors()) == TensorPolicy.SKIP)
                        .map(TensorSpec::name)
                        .toList();
    }

    /**
     * The sums over tensors that the channels need of a checkpoint before it can be accepted, by channel.
     *
     * @return null: some are not known yet
     */
    @Nullable
    Map<String, Sums> sums(State.Pending pending, String layoutHash, Reductions reductions) {
        Map<String, Sums> sums = new TreeMap<>();
        Plan plan = plan();
        for (ChannelPlan channel : plan == null ? List.<ChannelPlan>of() : plan.channels()) {
            int numbers = channel.create().shape().reductions();
            if (numbers > 0 && channel(channel.name()).progress().updates() > 0) {
                StoredLayout layout = store.get("layout/" + layoutHash, StoredLayout.class);
                Long since = store.get(movedKey(channel.name()), Long.class);
                Sums known = layout == null
                        ? null
                        : reductions.sums(pending, channel.name(), layout(layout), numbers, since == null ? 0 : since);
                if (known == null) {
                    return null;
                }
                sums.put(channel.name(), known);
            }
        }
        return sums;
    }

    private static String movedKey(String channel) {
        return "moved/" + channel;
    }

    /**
     * Lets an accepted checkpoint into every channel that takes it; then mixes what came out with the baseline.
     *
     * @param sums over tensors, of the channels that asked for them
     */
    List<ChannelUpdate> enter(long seq, String run, long step, String digest, Map<String, Sums> sums) {
        List<ChannelUpdate> updates = new ArrayList<>();
        Plan plan = plan();
        List<ChannelPlan> planned = plan == null ? List.of() : plan.channels();
        for (ChannelPlan channel : planned) {
            Operator operator = channel.create();
            if (!(operator instanceof Bcwi)) {
                Sums own = sums.getOrDefault(channel.name(), Sums.NONE);
                updates.add(update(channel, operator, new Checkpoint(seq, run, step), digest, own));
            }
        }
        for (ChannelPlan channel : planned) {
            if (channel.create() instanceof Bcwi bcwi && pinned() != null && emitted(updates, bcwi.from())) {
                updates.addAll(mix(channel, bcwi, new Checkpoint(seq, run, step)));
            }
        }
        return updates;
    }

    private ChannelUpdate update(
            ChannelPlan channel, Operator operator, Checkpoint checkpoint, String digest, Sums sums) {
        State.Channel before = channel(channel.name());
        Step taken = operator.step(before.progress(), checkpoint, sums);
        long seq = checkpoint.seq();
        long due = 0;
        if (taken.enters()) {
            String prefix = lineageKey(channel.name(), before.generation());
            if (taken.next().updates() > LINEAGE) {
                store.deleteFirst(prefix);
            }
            store.put(
                    prefix + StateStore.number(seq),
                    new State.Entered(seq, checkpoint.run(), checkpoint.step(), digest, taken.coefficients()));
            if (operator.shape().reductions() > 0) {
                store.put(movedKey(channel.name()), seq);
            }
            if (taken.next().updates() % channel.emitEvery() == 0) {
                due = before.version() + 1;
            }
        }
        put(channel.name(), before, taken.next(), Math.max(due, before.version()));
        return new ChannelUpdate(channel.name(), taken.coefficients(), due, retire(channel, due, 1));
    }

    private List<ChannelUpdate> mix(ChannelPlan channel, Bcwi bcwi, Checkpoint checkpoint) {
        State.Channel before = channel(channel.name());
        Progress next = before.progress().enter(checkpoint, 1);
        List<ChannelUpdate> updates = new ArrayList<>();
        long version = before.version();
        if (next.updates() % channel.emitEvery() == 0) {
            for (double newWeight : bcwi.newWeights()) {
                version++;
                updates.add(new ChannelUpdate(
                        channel.name(),
                        List.of(newWeight),
                        version,
                        retire(channel, version, bcwi.newWeights().size())));
            }
        }
        put(channel.name(), before, next, version);
        return updates;
    }

    private static boolean emitted(List<ChannelUpdate> updates, String channel) {
        return updates.stream().anyMatch(update -> update.getChannel().equals(channel) && update.getVersion() > 0);
    }

    /**
     * Old versions go, but never one that is or was in service: a rollback may want it.
     *
     * @param rungs versions that one emission has
     */
    private long retire(ChannelPlan channel, long due, int rungs) {
        long kept = (long) channel.retain() * rungs;
        long old = due > kept ? due - kept : 0;
        return store.get(servedKey(channel.name(), old), Boolean.class) != null ? 0 : old;
    }

    private static String servedKey(String channel, long version) {
        return "served/" + channel + "/" + StateStore.number(version);
    }

    private long complete(String channel) {
        Long version = store.get("complete/" + channel, Long.class);
        return version == null ? 0 : version;
    }

    /** A version has its manifest. */
    void complete(String channel, long version) {
        store.put("complete/" + channel, Math.max(version, complete(channel)));
    }

    private void put(String name, State.Channel before, Progress progress, long version) {
        store.put(
                "channel/" + name,
                new State.Channel(before.operator(), before.settings(), before.generation(), progress, version));
    }

    /** The searches that these updates propose: one for each channel whose weight is to be found. */
    List<SearchProposal> searches(long seq, List<ChannelUpdate> updates) {
        List<SearchProposal> proposals = new ArrayList<>();
        Plan plan = plan();
        State.Pinned pinned = pinned();
        if (plan == null || pinned == null) {
            return proposals;
        }
        for (ChannelPlan channel : plan.channels()) {
            if (channel.create() instanceof Bcwi bcwi && bcwi.searched()) {
                List<ChannelUpdate> rungs = updates.stream()
                        .filter(update -> update.getChannel().equals(channel.name()))
                        .toList();
                if (!rungs.isEmpty()) {
                    proposals.add(SearchProposal.newBuilder()
                            .setChannel(channel.name())
                            .setSeq(seq)
                            .setFrom(bcwi.from())
                            .setBaseline(new Subject(
                                    pinned.pin().channel(), pinned.pin().version()))
                            .setVersions(rungs.stream()
                                    .map(ChannelUpdate::getVersion)
                                    .toList())
                            .setNewWeights(rungs.stream()
                                    .map(rung -> rung.getCoefficients().get(0))
                                    .toList())
                            .setFlipBudget(bcwi.flipBudget())
                            .build());
                }
            }
        }
        return proposals;
    }

    /** Settings of the version that this update emits; of a search, with the weight that it tries. */
    Map<String, String> settings(ChannelUpdate update) {
        State.Channel channel = channel(update.getChannel());
        Map<String, String> settings = new TreeMap<>(channel.settings());
        if (Operators.create(channel.operator(), channel.settings()) instanceof Bcwi) {
            settings.put("new-weight", Double.toString(update.getCoefficients().get(0)));
        }
        return settings;
    }

    /** Whose ingredients the version that this update emits has. */
    State.Lineage lineageOf(ChannelUpdate update) {
        State.Channel own = channel(update.getChannel());
        if (Operators.create(own.operator(), own.settings()) instanceof Bcwi bcwi) {
            State.Channel source = channel(bcwi.from());
            State.Pinned pinned = pinned();
            return new State.Lineage(
                    bcwi.from(),
                    source.operator(),
                    source.settings(),
                    source.generation(),
                    update.getCoefficients().get(0),
                    pinned == null ? null : pinned.pin());
        }
        return new State.Lineage(update.getChannel(), own.operator(), own.settings(), own.generation(), 1, null);
    }

    /** The baseline in service; null before the first promotion. */
    State.@Nullable Pin baseline() {
        return store.get("baseline", State.Pin.class);
    }

    /** The baseline whose weights went through the log last; null before the first. */
    State.@Nullable Pinned pinned() {
        return store.get("pinned", State.Pinned.class);
    }

    /** Whether this promotion made the baseline in service. */
    boolean isBaseline(long promotion) {
        State.Pin baseline = baseline();
        return baseline != null && baseline.number() == promotion;
    }

    void baseline(State.Pin baseline) {
        store.put("baseline", baseline);
        store.put(servedKey(baseline.channel(), baseline.version()), true);
    }

    /** The weights of this promotion's baseline are in the log. */
    void pinned(long number, long seq, String checkpointDigest) {
        State.Pin baseline = baseline();
        if (baseline != null && baseline.number() == number) {
            store.put("pinned", new State.Pinned(baseline, seq, checkpointDigest));
        }
    }

    /** The baseline that some channel of the plan needs and that is not pinned yet; null: none. */
    State.@Nullable Pin toPin() {
        Plan plan = plan();
        State.Pin baseline = baseline();
        State.Pinned pinned = pinned();
        boolean needed = plan != null
                && plan.channels().stream()
                        .anyMatch(channel ->
                                channel.create() instanceof Bcwi bcwi && (pinned == null || !bcwi.keepBaseline()));
        return needed && baseline != null && (pinned == null || pinned.pin().number() != baseline.number())
                ? baseline
                : null;
    }

    /** Checkpoints that went into a generation of a channel up to a decision, oldest first; the newest 10,000. */
    List<State.Entered> entered(String channel, long generation, long upToSeq) {
        return store.values(lineageKey(channel, generation), State.Entered.class).stream()
                .filter(entered -> entered.seq() <= upToSeq)
                .toList();
    }

    /** Checkpoints that entered a generation and are no longer listed; 0 once the channel has begun another. */
    long forgotten(String channel, long generation) {
        State.Channel state = channel(channel);
        if (state.generation() != generation) {
            return 0;
        }
        return state.progress().updates()
                - store.keys(lineageKey(channel, generation)).size();
    }

    State.Channel channel(String name) {
        State.Channel state = store.get("channel/" + name, State.Channel.class);
        return state == null ? new State.Channel("", Map.of(), 0, Progress.START, 0) : state;
    }

    /** Channels that go on keep their progress; a channel that changed begins a generation. */
    private void adopt(@Nullable Plan current, Plan next, long seq) {
        store.put("plan", PlanFormat.toJson(next));
        for (ChannelPlan channel : next.channels()) {
            State.Channel state = channel(channel.name());
            boolean goesOn = current != null
                    && current.tensors().equals(next.tensors())
                    && current.channel(channel.name())
                            .filter(channel::continues)
                            .isPresent();
            if (!goesOn) {
                // Versions of the generation before may still be on their way; those of older ones are not.
                store.keys("lineage/" + channel.name() + "/").stream()
                        .filter(key -> key.compareTo(lineageKey(channel.name(), state.generation())) < 0)
                        .forEach(store::delete);
                store.put(
                        "channel/" + channel.name(),
                        new State.Channel(
                                channel.operator(), channel.settings(), seq, Progress.START, state.version()));
            }
        }
    }

    private static String lineageKey(String channel, long generation) {
        return "lineage/" + channel + "/" + StateStore.number(generation) + "/";
    }

    private static Layout layout(StoredLayout stored) {
        return Layout.of(
                stored.tensors().stream()
                        .map(tensor -> new TensorSpec(tensor.name(), Dtype.of(tensor.dtype()), tensor.shape()))
                        .toList(),
                stored.chunkElements());
    }
}
