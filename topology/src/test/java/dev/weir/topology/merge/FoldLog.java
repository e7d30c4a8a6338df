package dev.weir.topology.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Staged;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** A log of one partition for a model of one tensor of two elements, folded as it is written. EMA of decay 0.5. */
final class FoldLog implements FoldOutput {
    private static final String PLAN = "{model: m, channels: [{name: ema, operator: ema, settings: {decay: 0.5}}]}";
    private static final Sha256 CONTENT = new Sha256(new byte[32]);

    private final RecordCodec codec =
            Registry.connect("mock://fold-log", Map.of()).codec();
    private final Layout layout = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(2L))));
    private final PartitionFold fold = new PartitionFold(
            "m.deltas",
            0,
            1,
            codec,
            Kernel.create(),
            null,
            new KeyframePolicy("weir-m-merge", 1, 0),
            StagingBudget.UNLIMITED,
            Foresight.none());
    private final List<SpecificRecord> said = new ArrayList<>();
    private final List<float[]> emitted = new ArrayList<>();
    private final List<String> retired = new ArrayList<>();
    private final List<String> dropped = new ArrayList<>();
    private @Nullable KeyframeHead head;
    private int newestCrc;
    private long offset;

    FoldLog plan(long seq) {
        return append(new Plan(1, seq, "p", PLAN, ""));
    }

    /** The same plan with other rules for tensors. */
    FoldLog plan(long seq, String tensors) {
        return append(new Plan(1, seq, "p", PLAN.replaceFirst("}$", ", tensors: [" + tensors + "]}"), ""));
    }

    FoldLog open(long epoch) {
        return append(new Open(1, "r", epoch, layout.hashRecord(), layout.toRecord(), false, Map.of()));
    }

    /** An epoch with a layout of its own. */
    FoldLog openAnother(long epoch) {
        Layout another = Layout.of(List.of(new TensorSpec("w" + epoch, Dtype.F32, List.of(2L))));
        return append(new Open(1, "r", epoch, another.hashRecord(), another.toRecord(), false, Map.of()));
    }

    /** The newest keyframe's. */
    KeyframeHead head() {
        return Objects.requireNonNull(head, "no keyframe");
    }

    /** An epoch of a run that says what it descends from. */
    FoldLog descend(long epoch, Map<String, String> provenance) {
        return append(new Open(1, "r", epoch, layout.hashRecord(), layout.toRecord(), false, provenance));
    }

    FoldLog chunk(long epoch, long step, float first, float second) {
        ByteBuffer payload = payload(first, second);
        newestCrc = Crc.crc32c(payload);
        return append(new Chunk(1, "r", epoch, step, layout.hashRecord(), 0, 0, -1L, newestCrc, payload));
    }

    FoldLog openForDeltas(long epoch) {
        return append(new Open(1, "r", epoch, layout.hashRecord(), layout.toRecord(), true, Map.of()));
    }

    /** A chunk whose payload is that of an encoding, against the checkpoint of a step. */
    FoldLog difference(long epoch, long step, int encoding, long baseStep, byte[] payload, float first, float second) {
        newestCrc = Crc.crc32c(payload(first, second));
        return append(new Chunk(
                1,
                "r",
                epoch,
                step,
                layout.hashRecord(),
                0,
                encoding,
                baseStep,
                newestCrc,
                java.nio.ByteBuffer.wrap(payload)));
    }

    FoldLog damagedChunk(long epoch, long step) {
        return append(new Chunk(1, "r", epoch, step, layout.hashRecord(), 0, 0, -1L, 77, payload(1, 2)));
    }

    FoldLog end(long epoch, long step) {
        PartDigest digest = new PartDigest();
        digest.add(0, newestCrc);
        return append(new End(
                1, "r", epoch, step, layout.hashRecord(), 0, 1, new Sha256(digest.finish()), CONTENT, List.of()));
    }

    FoldLog commit(long seq, long epoch, long step, long version) {
        return commit(seq, epoch, step, version, 0, List.of());
    }

    FoldLog commit(long seq, long epoch, long step, long version, long retire, List<Long> alsoRetire) {
        ChannelUpdate update = new ChannelUpdate("ema", List.of(version == 1 ? 1.0 : 0.5), version, retire, alsoRetire);
        return append(new Decision(
                1,
                seq,
                "r",
                epoch,
                step,
                Verdict.COMMIT,
                "",
                layout.hashRecord(),
                CONTENT,
                List.of(update),
                Map.of(),
                Map.of(),
                List.of(),
                Map.of()));
    }

    FoldLog decide(long seq, long epoch, long step, Verdict verdict) {
        return append(new Decision(
                1, seq, "r", epoch, step, verdict, "why: so", CONTENT, CONTENT, List.of(), Map.of(), Map.of(),
                List.of(), Map.of()));
    }

    FoldLog raw(byte[] value) {
        fold.apply(new byte[] {1}, value, new RecordHeaders(), offset++, 0, this);
        return this;
    }

    FoldLog rawWithoutKey(byte[] value) {
        fold.apply(null, value, new RecordHeaders(), offset++, 0, this);
        return this;
    }

    List<SpecificRecord> said() {
        return said;
    }

    List<float[]> emitted() {
        return emitted;
    }

    List<String> retired() {
        return retired;
    }

    List<String> dropped() {
        return dropped;
    }

    long counter(String reason) {
        return fold.counters().snapshot().getOrDefault(reason, 0L);
    }

    /** Failure of the newest Staged. */
    String failure() {
        return said.stream()
                .filter(Staged.class::isInstance)
                .map(staged -> ((Staged) staged).getFailure())
                .reduce((before, after) -> after)
                .orElse("never staged");
    }

    @Override
    public void ack(SpecificRecord ack) {
        said.add(ack);
    }

    @Override
    public void merged(MergedChunk chunk) {
        ByteBuffer payload = chunk.getPayload().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        emitted.add(new float[] {payload.getFloat(), payload.getFloat()});
    }

    @Override
    public void ended(MergedEnd end) {}

    @Override
    public void retired(String channel, long version, int chunk) {
        retired.add(channel + " v" + version + " chunk " + chunk);
    }

    @Override
    public void keyframe(KeyframeKey key, @Nullable SpecificRecord value) {
        if (value instanceof KeyframeHead newest) {
            head = newest;
        }
    }

    @Override
    public void dropped(String reason, String detail) {
        dropped.add(reason + ": " + detail);
    }

    private FoldLog append(SpecificRecord record) {
        byte[] key = codec.write(new DeltaKey(1, "r", 0L, -1));
        fold.apply(key, codec.write(record), new RecordHeaders(), offset++, 0, this);
        return this;
    }

    private static ByteBuffer payload(float first, float second) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(first)
                .putFloat(second)
                .flip();
    }
}
