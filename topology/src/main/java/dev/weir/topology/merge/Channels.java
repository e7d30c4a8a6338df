package dev.weir.topology.merge;

import dev.weir.operators.Bcwi;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Combination;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Emitted;
import dev.weir.schemas.record.KeyframeChannel;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.topology.coordinate.BaselineRun;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanFormat;
import dev.weir.topology.store.FoldException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The averages of one partition: what the plan asks for, updated by decisions, chunk after chunk in chunk order. */
final class Channels implements AutoCloseable {
    private final int partition;
    private final Kernel kernel;
    private final LateLerps lerps;
    private final Map<String, ChannelFold> folds = new HashMap<>();
    private final Map<String, Bcwi> mixes = new HashMap<>();
    private final ChunkPool pool;
    private final Baseline baseline;
    private final LoadedStates loaded;
    private final Scratch scratch = new Scratch();
    private final Emission emission;
    private @Nullable Plan plan;
    private String planJson = "";
    private long rulesSeq;
    private boolean reduces;
    private boolean accompanied;

    /**
     * @param pool has the memory of the chunks that enter
     * @param loaded states from a keyframe; empty where the fold begins with the log
     */
    Channels(int partition, int partitions, Kernel kernel, ChunkPool pool, LoadedStates loaded) {
        this.partition = partition;
        this.kernel = kernel;
        this.lerps = new LateLerps(kernel, pool);
        this.pool = pool;
        this.loaded = loaded;
        this.baseline = new Baseline(kernel, loaded);
        this.emission = new Emission(partition, partitions, baseline, this::policy, scratch);
    }

    /** Takes a plan over: channels that go on keep their state, the others start or end. */
    void plan(long seq, String json) {
        lerps.runAll();
        planJson = json;
        Plan next = PlanFormat.parse(json);
        folds.values().removeIf(fold -> {
            boolean goesOn = next.tensors().equals(fold.rules())
                    && next.channel(fold.plan().name())
                            .filter(fold.plan()::continues)
                            .isPresent();
            if (!goesOn) {
                fold.close();
                loaded.forgetBefore(fold.plan().name(), seq);
            }
            return !goesOn;
        });
        if (!next.tensors().equals(rules())) {
            rulesSeq = seq;
        }
        plan = next;
        reduces = next.channels().stream()
                .anyMatch(channel -> channel.create().shape().reductions() > 0);
        accompanied = next.channels().stream()
                .anyMatch(channel -> !channel.create().companion().isEmpty());
        mixes.clear();
        next.channels().forEach(channel -> {
            if (channel.create() instanceof Bcwi bcwi) {
                mixes.put(channel.name(), bcwi);
            }
        });
    }

    TensorPolicy policy(TensorSpec tensor) {
        return TensorPolicy.of(tensor, rules());
    }

    private List<TensorPolicy.Rule> rules() {
        return plan == null ? List.of() : plan.tensors();
    }

    /** Number of the plan since which the rules for tensors are those in force, or a later one; 0: none had any. */
    long rulesSeq() {
        return rulesSeq;
    }

    /** A committed checkpoint is about to enter. */
    void begin(Decision decision, Layout layout) {
        if (isBaseline(decision)) {
            baseline.begin(decision.getSeq());
            return;
        }
        for (ChannelUpdate update : decision.getUpdates()) {
            if (enters(update)) {
                folds.computeIfAbsent(update.getChannel(), name -> create(name, layout, false));
            }
        }
    }

    /**
     * Folds one of its chunks into every channel that it enters.
     *
     * @param held with its bytes, which are the pool's
     * @param companions the checkpoint's; null where no channel reads any
     * @param out whether what follows from it is emitted, and what comes behind it
     */
    void enter(
            Decision decision,
            Layout layout,
            int number,
            Held held,
            @Nullable CompanionChunks companions,
            FoldOutput out) {
        if (isBaseline(decision)) {
            baseline.pin(decision.getSeq(), number, held.bytes());
            return;
        }
        enter(decision, layout, number, held, companions, out.emits());
        lerps.entered(number, out.emits() && emits(decision), out.behind());
    }

    /**
     * Folds a chunk into every channel before the acceptance of its checkpoint has come; none of them reads companions, and
     * nothing waits.
     *
     * @param live whether all plans before it have come
     */
    void enterAtOnce(Decision decision, Layout layout, int number, Held held, boolean live) {
        enter(decision, layout, number, held, null, live);
        lerps.entered(number, false, false);
    }

    private void enter(
            Decision decision,
            Layout layout,
            int number,
            Held held,
            @Nullable CompanionChunks companions,
            boolean live) {
        ChunkSpec chunk = layout.chunk(number);
        for (ChannelUpdate update : decision.getUpdates()) {
            if (enters(update)) {
                ChannelFold fold = fold(update.getChannel());
                if (fold.has(chunk)) {
                    fold.update(decision.getSeq(), chunk, held, companions, update.getCoefficients(), live);
                }
            }
        }
    }

    private static boolean emits(Decision decision) {
        return decision.getUpdates().stream().anyMatch(Channels::isEmitted);
    }

    /** Whether a version comes of it. */
    private static boolean isEmitted(ChannelUpdate update) {
        return update.getVersion() != 0 && !update.getCoefficients().isEmpty();
    }

    /** Emits what is due once all of its chunks have entered. */
    void emit(Decision decision, Layout layout, FoldOutput out) {
        List<Emitted> emitted = new ArrayList<>();
        for (ChannelUpdate update : decision.getUpdates()) {
            if (isBaseline(decision) || !isEmitted(update) || !out.emits()) {
                continue;
            }
            Bcwi mix = mixes.get(update.getChannel());
            ChannelUpdate source = mix == null ? update : sourceOf(decision, mix);
            emitted.add(emission.emit(
                    decision.getSeq(),
                    update,
                    mix != null,
                    fold(source.getChannel()),
                    source.getCoefficients(),
                    layout,
                    out));
        }
        if (!emitted.isEmpty()) {
            out.ack(Applied.newBuilder()
                    .setPartition(partition)
                    .setSeq(decision.getSeq())
                    .setEmitted(emitted)
                    .build());
        }
    }

    private static boolean isBaseline(Decision decision) {
        return decision.getRun().equals(BaselineRun.NAME);
    }

    /** Whether all channels that a checkpoint enters are in the plan. */
    boolean plans(Decision decision) {
        Plan inForce = plan;
        return inForce != null
                && decision.getUpdates().stream()
                        .allMatch(update -> inForce.channel(update.getChannel()).isPresent());
    }

    /** Whether the checkpoint enters the channel; what is mixed has no state of its own. */
    private boolean enters(ChannelUpdate update) {
        return !update.getCoefficients().isEmpty() && !mixes.containsKey(update.getChannel());
    }

    /** Emits a combination of the models that a channel holds; changes no state. */
    void combine(Combination combination, Layout layout, FoldOutput out) {
        if (!out.emits()) {
            return;
        }
        ChannelUpdate update = combination.getUpdate();
        ChannelFold held = fold(combination.getChannel());
        Emitted emitted =
                emission.emit(combination.getSeq(), update, false, held, update.getCoefficients(), layout, out);
        out.ack(Applied.newBuilder()
                .setPartition(partition)
                .setSeq(combination.getSeq())
                .setEmitted(List.of(emitted))
                .build());
    }

    /** Whether some channel's coefficients depend on sums over tensors. */
    boolean reduces() {
        return reduces;
    }

    /** Whether a chunk can enter as soon as it is decided what becomes of its checkpoint, whatever else belongs to that. */
    boolean enterByChunk() {
        return plan != null && !reduces && !accompanied;
    }

    /** What a checkpoint's chunks come to for each channel that asks for it and has a first one already. */
    Map<String, List<Double>> reduced(Layout layout, Consumer<Staging.ChunkUse> chunks) {
        Map<String, List<Double>> reduced = new TreeMap<>();
        folds.forEach((name, fold) -> {
            if (fold.plan().create().shape().reductions() > 0
                    && fold.layout().hashRecord().equals(layout.hashRecord())) {
                TreeMap<Integer, double[]> values = new TreeMap<>();
                chunks.accept((number, held) -> values.put(number, fold.reduce(layout.chunk(number), held.bytes())));
                if (values.keySet().stream().anyMatch(number -> fold.lacks(layout.chunk(number)))) {
                    return;
                }
                reduced.put(
                        name,
                        values.values().stream()
                                .flatMapToDouble(Arrays::stream)
                                .boxed()
                                .toList());
            }
        });
        return reduced;
    }

    /** The plan in force as it came; empty before the first. */
    String planJson() {
        return planJson;
    }

    /** Channels with state, in order of their names. */
    List<KeyframeChannel> withState() {
        return folds.values().stream()
                .map(fold ->
                        new KeyframeChannel(fold.plan().name(), fold.layout().hashRecord()))
                .sorted(Comparator.comparing(KeyframeChannel::getName))
                .toList();
    }

    /** Hashes of the layouts that averages have. */
    Set<Sha256> layouts() {
        return folds.values().stream().map(fold -> fold.layout().hashRecord()).collect(Collectors.toSet());
    }

    /** Goes on with the channels that had state when a keyframe was begun. */
    void resume(KeyframeHead head, Function<Sha256, Layout> layouts) {
        if (!head.getPlan().isEmpty()) {
            plan(head.getSeq(), head.getPlan());
        }
        // One of before it was said knows every plan up to its own number.
        rulesSeq = head.getRulesSeq() < 0 ? head.getSeq() : head.getRulesSeq();
        for (KeyframeChannel channel : head.getChannels()) {
            folds.put(channel.getName(), create(channel.getName(), layouts.apply(channel.getLayoutHash()), true));
        }
    }

    /** All averages and the baseline, in order. */
    List<Slot> slots() {
        List<Slot> slots = new ArrayList<>();
        folds.values().stream()
                .sorted(Comparator.comparing(fold -> fold.plan().name()))
                .forEach(fold -> fold.chunks()
                        .forEach(chunk -> slots.add(new Slot(fold.plan().name(), chunk))));
        baseline.chunks().forEach(chunk -> slots.add(new Slot(Baseline.CHANNEL, chunk)));
        return slots;
    }

    /** One average or pinned chunk, as a keyframe has it; valid until the next update. Null: it is gone. */
    @Nullable
    MemorySegment state(Slot slot) {
        if (slot.channel().equals(Baseline.CHANNEL)) {
            return baseline.chunk(slot.chunk());
        }
        ChannelFold fold = folds.get(slot.channel());
        return fold == null || slot.chunk() >= fold.layout().chunkCount()
                ? null
                : fold.saved(slot.chunk(), (size, alignment) -> scratch.of((int) size));
    }

    long stateBytes() {
        return baseline.bytes()
                + folds.values().stream().mapToLong(ChannelFold::stateBytes).sum();
    }

    @Override
    public void close() {
        baseline.close();
        folds.values().forEach(ChannelFold::close);
        folds.clear();
        loaded.close();
        scratch.close();
    }

    private static ChannelUpdate sourceOf(Decision decision, Bcwi mix) {
        return decision.getUpdates().stream()
                .filter(update -> update.getChannel().equals(mix.from()))
                .findFirst()
                .orElseThrow(() -> new FoldException("decision " + decision.getSeq() + " mixes channel " + mix.from()
                        + ", which it does not update; the log contradicts itself"));
    }

    private ChannelFold fold(String channel) {
        ChannelFold fold = folds.get(channel);
        if (fold == null) {
            throw new FoldException(
                    "channel " + channel + " is due before any checkpoint entered; the log contradicts itself");
        }
        return fold;
    }

    private ChannelFold create(String name, Layout layout, boolean resumed) {
        Plan current = plan;
        if (current == null) {
            throw new FoldException("a decision updates channel " + name + " before any plan in the log");
        }
        ChannelPlan channel = current.channel(name)
                .orElseThrow(
                        () -> new FoldException("a decision updates channel " + name + ", which is not in the plan"));
        return new ChannelFold(channel, layout, current.tensors(), kernel, lerps::of, pool, loaded, resumed);
    }
}
