package dev.weir.topology.coordinate;

import dev.weir.operators.Bcwi;
import dev.weir.operators.Checkpoint;
import dev.weir.operators.Input;
import dev.weir.operators.Operator;
import dev.weir.operators.Progress;
import dev.weir.operators.SearchChannel;
import dev.weir.operators.Step;
import dev.weir.operators.Sums;
import dev.weir.operators.TensorPolicy;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.PlanProposal;
import dev.weir.schemas.record.SearchProposal;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanException;
import dev.weir.topology.plan.PlanFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The plan, the model's layout, and how far each channel is. */
final class ChannelBook {
    /** Checkpoints that a channel's lineage lists at most. */
    static final int LINEAGE = 10_000;

    /**
     * What a checkpoint does to the channels.
     *
     * @param updates in the order of the plan
     * @param passedBy channels that it could not enter or that passed it by, and why
     * @param feedback the version that its run goes on from; null: none
     * @param distances of the checkpoint's tensors from that version; empty: its operator says none
     */
    record Entry(
            List<ChannelUpdate> updates,
            Map<String, String> passedBy,
            @Nullable Subject feedback,
            Map<String, Double> distances) {}

    private final String model;
    private final StateStore store;
    private final LayoutBook layouts;
    private final Baselines baselines;
    private final Retirement retirement;
    private String parsedJson = "";
    private @Nullable Plan parsed;

    ChannelBook(String model, StateStore store, LayoutBook layouts, Baselines baselines, Retirement retirement) {
        this.model = model;
        this.store = store;
        this.layouts = layouts;
        this.baselines = baselines;
        this.retirement = retirement;
    }

    /** The plan in force; null before the first. */
    @Nullable
    Plan plan() {
        String json = store.get("plan", String.class);
        if (json == null) {
            return null;
        }
        if (!json.equals(parsedJson)) {
            parsed = PlanFormat.parse(json);
            parsedJson = json;
        }
        return parsed;
    }

    /** Number of the plan since which the rules for tensors are those in force; 0: none had any. */
    long rulesSeq() {
        Long seq = store.get("rulesSeq", Long.class);
        return seq == null ? 0 : seq;
    }

    /** The side inputs that channels read of every checkpoint. */
    List<Input> inputs() {
        Plan plan = plan();
        return plan == null
                ? List.of()
                : plan.channels().stream()
                        .flatMap(channel -> channel.create().inputs().stream())
                        .toList();
    }

    /** How long a complete checkpoint waits for them. */
    long inputWaitMs() {
        Plan plan = plan();
        return plan == null ? 0 : plan.inputWaitMs();
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

    /** Tensors that snapshots leave out. */
    List<String> skipped() {
        Plan plan = plan();
        return plan == null
                ? List.of()
                : layouts.model().tensors().stream()
                        .filter(tensor -> TensorPolicy.of(tensor, plan.tensors()) == TensorPolicy.SKIP)
                        .map(TensorSpec::name)
                        .toList();
    }

    /**
     * Lets an accepted checkpoint into every channel that takes it; then mixes what came out with the baseline.
     *
     * @param sums over tensors, of the channels that asked for them
     */
    Entry enter(Checkpoint checkpoint, String digest, Map<String, Sums> sums) {
        List<ChannelUpdate> updates = new ArrayList<>();
        Map<String, String> passedBy = new TreeMap<>();
        Subject feedback = null;
        Map<String, Double> distances = Map.of();
        Plan plan = plan();
        List<ChannelPlan> planned = plan == null ? List.of() : plan.channels();
        for (ChannelPlan channel : planned) {
            Operator operator = channel.create();
            if (!(operator instanceof Bcwi)) {
                Step taken = step(channel, operator, checkpoint, sums.getOrDefault(channel.name(), Sums.NONE));
                if (!taken.passedBy().isEmpty()) {
                    passedBy.put(channel.name(), taken.passedBy());
                }
                boolean feedsBack = channel.feedsBack(stepBefore(channel, checkpoint), checkpoint.step());
                ChannelUpdate update = update(channel, operator, checkpoint, digest, taken, feedsBack);
                updates.add(update);
                if (feedsBack && update.getVersion() > 0) {
                    feedback = new Subject(channel.name(), update.getVersion());
                    distances = taken.distances();
                }
            }
        }
        for (ChannelPlan channel : planned) {
            if (channel.create() instanceof Bcwi bcwi && baselines.pinned() != null && emitted(updates, bcwi.from())) {
                updates.addAll(mix(channel, bcwi, checkpoint));
            }
        }
        return new Entry(updates, passedBy, feedback, distances);
    }

    /** The run's accepted step before this one; its first checkpoint counts as if it came from the step before. */
    private long stepBefore(ChannelPlan channel, Checkpoint checkpoint) {
        Map<String, Long> steps = channel(channel.name()).progress().runSteps();
        return steps.getOrDefault(checkpoint.run(), Math.max(0, checkpoint.step() - 1));
    }

    private Step step(ChannelPlan channel, Operator operator, Checkpoint checkpoint, Sums sums) {
        Progress progress = channel(channel.name()).progress();
        String missing = missing(channel, operator, checkpoint);
        return missing.isEmpty()
                ? operator.step(progress, checkpoint, sums)
                : Step.passBy(progress.skip(checkpoint), missing);
    }

    /** Why an operator cannot take this checkpoint; empty: it can. */
    private String missing(ChannelPlan channel, Operator operator, Checkpoint checkpoint) {
        if (operator instanceof SearchChannel search
                && search.full(channel(channel.name()).progress())) {
            return "search-running: its models are being scored";
        }
        if (!operator.companion().isEmpty() && !checkpoint.companions().contains(operator.companion())) {
            return "companion-missing: " + operator.companion() + " did not come with the checkpoint";
        }
        for (Input input : operator.inputs()) {
            Double value = checkpoint.inputs().get(input.name());
            if (value == null) {
                return "input-missing: " + input.name() + " did not come within " + inputWaitMs() + " ms";
            }
            if (!input.takes(value)) {
                return "input-range: " + input.name() + " is " + value + "; allowed: " + input.allowed();
            }
        }
        return "";
    }

    private ChannelUpdate update(
            ChannelPlan channel,
            Operator operator,
            Checkpoint checkpoint,
            String digest,
            Step taken,
            boolean feedsBack) {
        State.Channel before = channel(channel.name());
        long seq = checkpoint.seq();
        long due = 0;
        if (taken.enters()) {
            String prefix = Lineages.key(channel.name(), before.generation());
            if (taken.next().updates() > LINEAGE) {
                store.deleteFirst(prefix);
            }
            store.put(
                    prefix + StateStore.number(seq),
                    new State.Entered(
                            seq,
                            checkpoint.run(),
                            checkpoint.step(),
                            digest,
                            taken.coefficients(),
                            checkpoint.provenance()));
            if (operator.shape().reductions() > 0) {
                store.put(Reductions.movedKey(channel.name()), seq);
            }
            boolean emits = feedsBack || taken.next().updates() % channel.emitEvery() == 0;
            if (emits && operator.emits(taken.next()) && !(operator instanceof SearchChannel)) {
                due = before.version() + 1;
            }
        }
        put(channel.name(), before, taken.next(), Math.max(due, before.version()));
        return due > 0
                ? retirement.emission(channel.name(), taken.coefficients(), due, channel.retain())
                : new ChannelUpdate(channel.name(), taken.coefficients(), 0L, 0L, List.of());
    }

    private List<ChannelUpdate> mix(ChannelPlan channel, Bcwi bcwi, Checkpoint checkpoint) {
        State.Channel before = channel(channel.name());
        Progress next = before.progress().enter(checkpoint, 1);
        List<ChannelUpdate> updates = new ArrayList<>();
        long version = before.version();
        if (next.updates() % channel.emitEvery() == 0) {
            for (double newWeight : bcwi.newWeights()) {
                version++;
                long kept = (long) channel.retain() * bcwi.newWeights().size();
                updates.add(retirement.emission(channel.name(), List.of(newWeight), version, kept));
            }
        }
        put(channel.name(), before, next, version);
        return updates;
    }

    /** A search's models are done with: its channel has another version and takes the next models. */
    ChannelUpdate chosen(ChannelPlan channel, SearchChannel search, List<Double> coefficients) {
        State.Channel before = channel(channel.name());
        long version = before.version() + 1;
        put(channel.name(), before, search.begun(before.progress()), version);
        return retirement.emission(channel.name(), coefficients, version, channel.retain());
    }

    private static boolean emitted(List<ChannelUpdate> updates, String channel) {
        return updates.stream().anyMatch(update -> update.getChannel().equals(channel) && update.getVersion() > 0);
    }

    private long complete(String channel) {
        Long version = store.get("complete/" + channel, Long.class);
        return version == null ? 0 : version;
    }

    /** When the newest complete version of each channel of the plan was sealed, by the coordinator's clock; 0: not known. */
    Map<String, Long> sealedAtMs() {
        Map<String, Long> times = new TreeMap<>(newestVersions());
        times.replaceAll((channel, version) -> {
            Long sealedMs = store.get("sealed-at/" + channel, Long.class);
            return sealedMs == null ? 0 : sealedMs;
        });
        return times;
    }

    /** A version has its manifest. */
    void complete(String channel, long version, long nowMs) {
        store.put("sealed-at/" + channel, nowMs);
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
        State.Pinned pinned = baselines.pinned();
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

    /** The channel that holds the models of a name's versions. */
    static String base(String name) {
        return name.endsWith(ChannelPlan.CANDIDATES)
                ? name.substring(0, name.length() - ChannelPlan.CANDIDATES.length())
                : name;
    }

    /** A channel, also by the name of its candidates. */
    State.Channel channel(String name) {
        State.Channel state = store.get("channel/" + base(name), State.Channel.class);
        return state == null ? new State.Channel("", Map.of(), 0, Progress.START, 0) : state;
    }

    /** Channels that go on keep their progress; a channel that changed begins a generation. */
    private void adopt(@Nullable Plan current, Plan next, long seq) {
        store.put("plan", PlanFormat.toJson(next));
        if (!next.tensors().equals(current == null ? List.of() : current.tensors())) {
            store.put("rulesSeq", seq);
        }
        for (ChannelPlan channel : next.channels()) {
            State.Channel state = channel(channel.name());
            boolean goesOn = current != null
                    && current.tensors().equals(next.tensors())
                    && current.channel(channel.name())
                            .filter(channel::continues)
                            .isPresent();
            if (!goesOn) {
                forgetLineages(channel.name(), state.generation());
                store.put(
                        "channel/" + channel.name(),
                        new State.Channel(
                                channel.operator(), channel.settings(), seq, Progress.START, state.version()));
            }
        }
    }

    /** Lets go of the generations before this one, except for those that a version on its way will name in its manifest. */
    private void forgetLineages(String channel, long generation) {
        Set<String> kept = store.values(VersionBook.PREFIX, State.Awaited.class).stream()
                .map(State.Awaited::lineage)
                .filter(lineage -> lineage.channel().equals(channel))
                .map(lineage -> Lineages.key(channel, lineage.generation()))
                .collect(Collectors.toSet());
        String first = Lineages.key(channel, generation);
        store.keys("lineage/" + channel + "/").stream()
                .takeWhile(key -> key.compareTo(first) < 0)
                .filter(key -> kept.stream().noneMatch(key::startsWith))
                .forEach(store::delete);
    }
}
