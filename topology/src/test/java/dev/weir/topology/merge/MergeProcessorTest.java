package dev.weir.topology.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import dev.weir.topology.store.FoldStore;
import dev.weir.topology.store.FoldStores;
import dev.weir.topology.store.Folds;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a commit is asked for: at once for what somebody waits for, not while the log is being caught up with. */
final class MergeProcessorTest {
    private static final long NOW_MS = 1_000_000;
    private static final String STORE = "averages";

    private final RecordCodec codec =
            Registry.connect("mock://merge-processor", Map.of()).codec();
    private final Layout layout = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(2L))));
    private final Folds folds = new Folds();
    private final MockProcessorContext<SpecificRecord, SpecificRecord> context = new MockProcessorContext<>();
    private final MergeProcessor processor = new MergeProcessor("m", STORE, folds);
    private long offset;

    @BeforeEach
    void opened() {
        FoldStore<FoldOutput> store = new FoldStores<FoldOutput>(
                        STORE,
                        "m.deltas",
                        FoldOutput.NONE,
                        partition -> new PartitionFold("m.deltas", partition, 1, codec, Kernel.create()),
                        source -> 0,
                        folds)
                .build();
        store.init(context.getStateStoreContext(), store);
        context.addStateStore(store);
        context.setCurrentSystemTimeMs(NOW_MS);
        processor.init(context);
    }

    @Test
    void anAcknowledgementOfAFreshRecordIsCommittedAtOnce() {
        process(new Open(1, "r", 1L, layout.hashRecord(), layout.toRecord(), false, Map.of()), NOW_MS - 10);
        assertThat(context.forwarded()).hasSize(1);
        assertThat(context.committed()).isTrue();
    }

    @Test
    void behindTheLogTheCommitIntervalDoes() {
        process(new Open(1, "r", 1L, layout.hashRecord(), layout.toRecord(), false, Map.of()), NOW_MS - 60_000);
        assertThat(context.forwarded()).hasSize(1);
        assertThat(context.committed()).isFalse();
    }

    @Test
    void whatWasSaidBehindTheLogIsCommittedWhenNothingMoreComes() {
        assertThat(looks()).as("before anything was said").isEmpty();
        process(new Open(1, "r", 1L, layout.hashRecord(), layout.toRecord(), false, Map.of()), NOW_MS - 60_000);
        look(NOW_MS);
        process(new Open(1, "r", 2L, layout.hashRecord(), layout.toRecord(), false, Map.of()), NOW_MS - 60_000);
        look(NOW_MS + 20);
        assertThat(context.committed()).as("a record came since the last look").isFalse();
        look(NOW_MS + 25);
        assertThat(context.committed()).as("a moment ago").isFalse();
        look(NOW_MS + 40);
        assertThat(context.committed()).isTrue();
        assertThat(looks()).as("once").isEmpty();
    }

    @Test
    void aProcessorThatIsClosedLooksNoMore() {
        process(new Open(1, "r", 1L, layout.hashRecord(), layout.toRecord(), false, Map.of()), NOW_MS - 60_000);
        assertThat(looks()).hasSize(1);
        processor.close();
        assertThat(looks()).isEmpty();
    }

    @Test
    void aChunkWaitsForTheNextCommit() {
        process(new Open(1, "r", 1L, layout.hashRecord(), layout.toRecord(), false, Map.of()), NOW_MS);
        context.resetCommit();
        ByteBuffer payload = ByteBuffer.allocate(8);
        process(new Chunk(1, "r", 1L, 10L, layout.hashRecord(), 0, 0, -1L, Crc.crc32c(payload), payload), NOW_MS);
        assertThat(looks()).isEmpty();
        assertThat(context.committed()).isFalse();
    }

    private List<CapturedPunctuator> looks() {
        return context.scheduledPunctuators().stream()
                .filter(look -> !look.cancelled())
                .toList();
    }

    private void look(long nowMs) {
        looks().forEach(look -> look.getPunctuator().punctuate(nowMs));
    }

    private void process(SpecificRecord record, long timestampMs) {
        context.setRecordMetadata("m.deltas", 0, offset++);
        processor.process(new Record<>(new byte[] {1}, codec.write(record), timestampMs));
    }
}
