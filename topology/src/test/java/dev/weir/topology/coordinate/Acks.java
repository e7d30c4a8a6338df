package dev.weir.topology.coordinate;

import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.Combination;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Emitted;
import dev.weir.schemas.record.Feedback;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.MergedPart;
import dev.weir.schemas.record.MergedRange;
import dev.weir.schemas.record.Opened;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.PlanProposal;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionVerdict;
import dev.weir.schemas.record.Reduced;
import dev.weir.schemas.record.Sealed;
import dev.weir.schemas.record.SearchProposal;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.SideInput;
import dev.weir.schemas.record.Staged;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** The acknowledgements of two partitions, said to a coordinator over a real in-memory store; model m, tensor w. */
final class Acks implements Verdicts {
    private static final int PARTITIONS = 2;
    private static final long TIMEOUT_MS = 10_000;

    private final Layout layout = layout(2);
    private final Layout other = layout(3);
    private final KeyValueStore<String, byte[]> store = store();
    private final List<Decision> decisions = new ArrayList<>();
    private final List<Plan> plans = new ArrayList<>();
    private final List<Plan> answers = new ArrayList<>();
    private final List<Long> retired = new ArrayList<>();
    private final List<SearchProposal> searches = new ArrayList<>();
    private final List<State.Pin> pins = new ArrayList<>();
    private final List<SealJob> seals = new ArrayList<>();
    private final List<Manifest> manifests = new ArrayList<>();
    private final List<Feedback> feedback = new ArrayList<>();
    private final List<Combination> combinations = new ArrayList<>();
    private final List<String> dropped = new ArrayList<>();
    private Coordinator coordinator = new Coordinator("m", PARTITIONS, new StateStore(store), this, 0);
    private long nowMs;

    Acks at(long ms) {
        nowMs = ms;
        return this;
    }

    Acks restart() {
        return restart(0);
    }

    Acks restart(long startedMs) {
        coordinator = new Coordinator("m", PARTITIONS, new StateStore(store), this, startedMs);
        coordinator.resume();
        return this;
    }

    Acks propose(String plan) {
        return say(new PlanProposal(1, "p", plan));
    }

    Acks opened(String run, long epoch) {
        return openedBy(0, run, epoch).openedBy(1, run, epoch);
    }

    /** An epoch of a run that says what it descends from, as partition 0 repeats it. */
    Acks descended(String run, long epoch, Map<String, String> provenance) {
        return say(new Opened(1, 0, run, epoch, layout.hashRecord(), layout.toRecord(), provenance))
                .openedBy(1, run, epoch);
    }

    Acks openedBy(int partition, String run, long epoch) {
        return say(new Opened(
                1, partition, run, epoch, layout.hashRecord(), partition == 0 ? layout.toRecord() : null, Map.of()));
    }

    Acks openedOther(String run, long epoch) {
        return openedOtherBy(0, run, epoch).openedOtherBy(1, run, epoch);
    }

    Acks openedOtherBy(int partition, String run, long epoch) {
        return say(new Opened(
                1, partition, run, epoch, other.hashRecord(), partition == 0 ? other.toRecord() : null, Map.of()));
    }

    Acks staged(int partition, String run, long epoch, long step, int content) {
        return say(staged(partition, run, epoch, step, content, layout, ""));
    }

    /** A partition holds a checkpoint whose first chunk came under the rules for tensors of a plan. */
    Acks stagedUnder(long rulesSeq, int partition, String run, long step, int content) {
        Staged staged = staged(partition, run, 1, step, content, layout, "");
        staged.put("rulesSeq", rulesSeq);
        return say(staged);
    }

    Acks failed(int partition, String run, long epoch, long step, String failure) {
        return say(staged(partition, run, epoch, step, 0, layout, failure));
    }

    Acks complete(String run, long epoch, long step, int content) {
        return staged(0, run, epoch, step, content).staged(1, run, epoch, step, content);
    }

    Acks completeOther(String run, long epoch, long step, int content) {
        return say(staged(0, run, epoch, step, content, other, ""))
                .say(staged(1, run, epoch, step, content, other, ""));
    }

    /** A partition holds a checkpoint with companions. */
    Acks accompanied(int partition, String run, long step, String... companions) {
        return say(staged(partition, run, 1, step, (int) step, layout, "", List.of(companions)));
    }

    /** What a partition's chunks of a companion come to. */
    Acks sums(int partition, String run, long step, String companion, Double... values) {
        return say(new Reduced(1, partition, run, 1L, step, "@" + companion, 0L, List.of(values)));
    }

    /** What a coordinator of before did at a plan too many, while versions were still to be sealed. */
    Acks forgetLineage() {
        StateStore state = new StateStore(store);
        state.keys("lineage/").forEach(state::delete);
        return this;
    }

    /** Keys of the state that begin so. */
    List<String> keys(String prefix) {
        return List.copyOf(new StateStore(store).keys(prefix));
    }

    Acks applied(int partition, long seq, String channel, long version) {
        MergedPart part = new MergedPart(partition, 1 - partition, digest(partition));
        return say(new Applied(1, partition, seq, List.of(new Emitted(channel, version, part))));
    }

    Acks sealed(long seq, String channel, long version) {
        return say(new Sealed(
                1,
                channel,
                version,
                seq,
                digest(9),
                List.of(new MergedRange(0, 0L, 2L, 1), new MergedRange(1, 0L, 1L, 0))));
    }

    Acks promoted(long number, String channel, long version) {
        return promoted(number, channel, version, new Subject("", 0L));
    }

    /** Over the baseline that was in service. */
    Acks promoted(long number, String channel, long version, Subject before) {
        Subject subject = new Subject(channel, version);
        return say(new Promotion(1, number, PromotionVerdict.PROMOTED, subject, before, "me", "so", "", "{}", "{}"));
    }

    /** The baseline's weights come through the log. */
    Acks pinned(long number) {
        return opened(BaselineRun.NAME, number).complete(BaselineRun.NAME, number, number, (int) (100 + number));
    }

    Acks input(String run, long step, String name, double value) {
        return say(new SideInput(1, run, step, "", 0L, name, value, "me"));
    }

    Acks score(String channel, long version, String name, double value) {
        return say(new SideInput(1, "", 0L, channel, version, name, value, "me"));
    }

    /** What a partition's chunks come to for channel stock, whose state contained a decision. */
    Acks reduced(int partition, String run, long step, long seq, Double... values) {
        return say(new Reduced(1, partition, run, 1L, step, "stock", seq, List.of(values)));
    }

    Acks expire(long ms) {
        coordinator.expire(ms, TIMEOUT_MS);
        return this;
    }

    java.util.Map<String, CoordinateStatus.Search> underWay() {
        return coordinator.searches();
    }

    List<Combination> combinations() {
        return combinations;
    }

    List<Feedback> feedback() {
        return feedback;
    }

    /** Reasons of what was not used. */
    List<String> dropped() {
        return dropped;
    }

    List<Decision> decisions() {
        return decisions;
    }

    Decision newest() {
        return decisions.get(decisions.size() - 1);
    }

    List<Plan> plans() {
        return plans;
    }

    List<Plan> answers() {
        return answers;
    }

    CoordinateStatus.Undecided undecided() {
        return coordinator.undecided();
    }

    List<Long> retired() {
        return retired;
    }

    List<SearchProposal> searches() {
        return searches;
    }

    List<State.Pin> pins() {
        return pins;
    }

    List<SealJob> seals() {
        return seals;
    }

    List<Manifest> manifests() {
        return manifests;
    }

    @Override
    public void decision(Decision decision) {
        decisions.add(decision);
    }

    @Override
    public void plan(Plan plan) {
        plans.add(plan);
    }

    @Override
    public void answer(Plan plan) {
        answers.add(plan);
    }

    @Override
    public void retired(String channel, long version) {
        retired.add(version);
    }

    @Override
    public void search(SearchProposal proposal) {
        searches.add(proposal);
    }

    @Override
    public void pin(State.Pin baseline) {
        pins.add(baseline);
    }

    @Override
    public void combination(Combination combination) {
        combinations.add(combination);
    }

    @Override
    public void feedback(Feedback given) {
        feedback.add(given);
    }

    @Override
    public void dropped(String reason, String detail) {
        dropped.add(reason);
    }

    @Override
    public void seal(SealJob job) {
        seals.add(job);
    }

    @Override
    public void manifest(Manifest manifest) {
        manifests.add(manifest);
    }

    private Acks say(SpecificRecord ack) {
        if (!coordinator.handle(ack, nowMs)) {
            throw new AssertionError(ack + " is unknown");
        }
        return this;
    }

    private static Staged staged(
            int partition, String run, long epoch, long step, int content, Layout layout, String failure) {
        return staged(partition, run, epoch, step, content, layout, failure, List.of());
    }

    private static Staged staged(
            int partition,
            String run,
            long epoch,
            long step,
            int content,
            Layout layout,
            String failure,
            List<String> companions) {
        return new Staged(
                1,
                partition,
                run,
                epoch,
                step,
                layout.hashRecord(),
                1,
                digest(partition),
                digest(content),
                failure,
                0L,
                companions,
                -1L);
    }

    private static Sha256 digest(int content) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) content;
        return new Sha256(bytes);
    }

    private static Layout layout(long elements) {
        return Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(elements))));
    }

    private static KeyValueStore<String, byte[]> store() {
        KeyValueStore<String, byte[]> store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore("state"), Serdes.String(), Serdes.ByteArray())
                .withLoggingDisabled()
                .build();
        MockProcessorContext<Void, Void> context = new MockProcessorContext<>();
        store.init(context.getStateStoreContext(), store);
        return store;
    }
}
