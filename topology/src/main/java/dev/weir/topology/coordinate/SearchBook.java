package dev.weir.topology.coordinate;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.weir.operators.SearchChannel;
import dev.weir.operators.merge.Coefficients;
import dev.weir.operators.merge.Models;
import dev.weir.operators.merge.Search;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Combination;
import dev.weir.schemas.record.SideInput;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.topology.RetiredVersions;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The searches under way: which candidates are out, which scores came, and what follows from them. */
final class SearchBook {
    /**
     * The candidates of a channel, which count on from search to search.
     *
     * @param together the most that were named together, all of which wait for their scores; 0 where a state of before that was
     *     remembered is read
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Versions(long newest, long together) {}

    private final StateStore store;
    private final LayoutBook layouts;
    private final ChannelBook channels;
    private final Lineages lineages;
    private final Retirement retirement;
    private final VersionBook versions;
    private final Verdicts verdicts;
    private final LongSupplier takeSeq;
    private final long startedMs;

    /**
     * @param takeSeq takes the next decision number
     * @param startedMs when this process began: no score is given up for time before
     */
    SearchBook(
            StateStore store,
            LayoutBook layouts,
            ChannelBook channels,
            Lineages lineages,
            Retirement retirement,
            VersionBook versions,
            Verdicts verdicts,
            LongSupplier takeSeq,
            long startedMs) {
        this.store = store;
        this.layouts = layouts;
        this.channels = channels;
        this.lineages = lineages;
        this.retirement = retirement;
        this.versions = versions;
        this.verdicts = verdicts;
        this.takeSeq = takeSeq;
        this.startedMs = startedMs;
    }

    /** Names the first candidates of every channel that holds all its models and has no search yet. */
    void begin(long nowMs) {
        Plan plan = channels.plan();
        if (plan == null) {
            return;
        }
        for (ChannelPlan channel : plan.channels()) {
            if (channel.create() instanceof SearchChannel search) {
                State.Channel state = channels.channel(channel.name());
                if (search.full(state.progress()) && underWay(channel.name(), state.generation()) == null) {
                    State.Search begun = new State.Search(state.generation(), 0, Map.of(), Map.of(), nowMs, Set.of());
                    goOn(channel, search, begun, List.of(), nowMs);
                }
            }
        }
    }

    /** Lets every search whose candidates waited long enough for their scores go on without these. */
    void expire(long nowMs) {
        Plan plan = channels.plan();
        if (plan == null || plan.scoreWaitMs() == Plan.FOR_EVER) {
            return;
        }
        for (ChannelPlan channel : plan.channels()) {
            State.Search state =
                    underWay(channel.name(), channels.channel(channel.name()).generation());
            if (state != null
                    && channel.create() instanceof SearchChannel search
                    && nowMs - Math.max(state.sinceMs(), startedMs) >= plan.scoreWaitMs()) {
                List<Integer> open = state.open();
                Set<Integer> unscored = new TreeSet<>(state.unscored());
                unscored.addAll(open);
                State.Search without = new State.Search(
                        state.generation(), state.asked(), state.scores(), state.versions(), state.sinceMs(), unscored);
                goOn(channel, search, without, open, nowMs);
            }
        }
    }

    /** How far each search is, by channel. */
    Map<String, CoordinateStatus.Search> underWay() {
        Map<String, CoordinateStatus.Search> found = new TreeMap<>();
        plan().map(Plan::channels).orElse(List.of()).forEach(channel -> {
            State.Search state =
                    underWay(channel.name(), channels.channel(channel.name()).generation());
            if (state != null) {
                found.put(
                        channel.name(),
                        new CoordinateStatus.Search(
                                state.asked(),
                                state.scores().size(),
                                state.unscored().size()));
            }
        });
        return found;
    }

    /** Takes a candidate's score; null: done, else why it is not used. */
    InputBook.@Nullable Refusal score(SideInput input, long nowMs) {
        InputBook.Refusal unsound = InputBook.unsound(input);
        if (unsound != null) {
            return unsound;
        }
        String what = InputBook.describe(input);
        Optional<ChannelPlan> channel = input.getChannel().endsWith(ChannelPlan.CANDIDATES)
                ? plan().flatMap(plan -> plan.channel(ChannelBook.base(input.getChannel())))
                : Optional.empty();
        if (channel.isEmpty()
                || !(channel.get().create() instanceof SearchChannel search)
                || !search.search().score().equals(input.getName())) {
            return new InputBook.Refusal("input-foreign", what + ": nobody asks for it");
        }
        String name = channel.get().name();
        State.Search state = underWay(name, channels.channel(name).generation());
        Integer number = state == null ? null : state.versions().get(input.getVersion());
        if (state == null || number == null) {
            return new InputBook.Refusal("input-late", what + ": no search waits for it");
        }
        Double known = state.scores().get(number);
        if (known != null) {
            return InputBook.again(what, known, input.getValue());
        }
        if (state.unscored().contains(number)) {
            return new InputBook.Refusal("input-late", what + ": the search went on without it");
        }
        Map<Integer, Double> scores = new TreeMap<>(state.scores());
        scores.put(number, input.getValue());
        State.Search next = new State.Search(
                state.generation(), state.asked(), scores, state.versions(), state.sinceMs(), state.unscored());
        if (next.open().isEmpty()) {
            goOn(channel.get(), search, next, List.of(), nowMs);
        } else {
            store.put(key(name), next);
        }
        return null;
    }

    /** @param givenUp candidates that have just been given up */
    private void goOn(
            ChannelPlan channel, SearchChannel search, State.Search state, List<Integer> givenUp, long nowMs) {
        List<State.Entered> held =
                held(channel.name(), state.generation(), search.search().models());
        Layout layout = layouts.model();
        Models models = new Models(
                held.size(),
                held.stream().map(State.Entered::step).toList(),
                layout.tensors().stream().map(TensorSpec::name).toList(),
                List.of());
        List<Double> scores = IntStream.range(0, state.asked())
                .mapToObj(number -> state.scores().getOrDefault(number, Double.NaN))
                .toList();
        switch (search.search().next(models, scores)) {
            case Search.Next.Candidates candidates -> {
                Map<Long, Integer> out = new HashMap<>(state.versions());
                int number = state.asked();
                List<Integer> unscored = givenUp;
                for (Coefficients combination : candidates.combinations()) {
                    int batch = candidates.combinations().size();
                    ChannelUpdate update = candidate(channel, combination.flat(), batch);
                    out.put(update.getVersion(), number);
                    emit(channel, update, held.getLast(), number++, "", unscored, layout, nowMs);
                    unscored = List.of();
                }
                store.put(
                        key(channel.name()),
                        new State.Search(state.generation(), number, state.scores(), out, nowMs, state.unscored()));
            }
            case Search.Next.Chosen chosen -> {
                ChannelUpdate update =
                        channels.chosen(channel, search, chosen.combination().flat());
                store.delete(key(channel.name()));
                emit(channel, update, held.getLast(), state.asked(), chosen.reason(), givenUp, layout, nowMs);
            }
        }
    }

    /** The checkpoints that a channel holds, in the order of its slots. */
    private List<State.Entered> held(String channel, long generation, int models) {
        List<State.Entered> entered = lineages.entered(channel, generation, Long.MAX_VALUE);
        return entered.subList(Math.max(0, entered.size() - models), entered.size());
    }

    /**
     * The next version of the candidates. Old ones go as those of a channel do, but none that waits for its score.
     *
     * @param batch how many are named together
     */
    private ChannelUpdate candidate(ChannelPlan channel, List<Double> coefficients, int batch) {
        Versions before = store.get("candidates/" + channel.name(), Versions.class);
        long version = before == null ? 1 : before.newest() + 1;
        long together = Math.max(before == null ? 0 : before.together(), batch);
        store.put("candidates/" + channel.name(), new Versions(version, together));
        long kept = Math.max(channel.retain(), together);
        return retirement.emission(channel.name() + ChannelPlan.CANDIDATES, coefficients, version, kept);
    }

    /**
     * @param reason empty for a candidate
     * @param unscored candidates that were given up for this
     */
    private void emit(
            ChannelPlan channel,
            ChannelUpdate update,
            State.Entered last,
            int candidate,
            String reason,
            List<Integer> unscored,
            Layout layout,
            long nowMs) {
        long seq = takeSeq.getAsLong();
        versions.await(update, 0, seq, last.run(), last.step(), nowMs);
        RetiredVersions.of(update).forEach(old -> versions.retire(update.getChannel(), old));
        verdicts.combination(new Combination(
                1,
                seq,
                channel.name(),
                layout.hashRecord(),
                update,
                candidate,
                update.getChannel().equals(channel.name()),
                reason,
                unscored));
    }

    private Optional<Plan> plan() {
        return Optional.ofNullable(channels.plan());
    }

    /** The search of a channel; null: there is none of this generation. */
    private State.@Nullable Search underWay(String channel, long generation) {
        State.Search state = store.get(key(channel), State.Search.class);
        return state == null || state.generation() != generation ? null : state;
    }

    private static String key(String channel) {
        return "search/" + channel;
    }
}
