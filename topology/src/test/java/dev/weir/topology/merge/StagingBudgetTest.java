package dev.weir.topology.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import dev.weir.topology.store.FoldException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/** What waits, and what differences refer to, is held in memory as far as the budget goes; the averages do not depend on it. */
final class StagingBudgetTest {
    private static final int CHUNK_BYTES = 64;
    private static final int CHUNKS = 32;
    /** What an average keeps beside each chunk. */
    private static final int TRAILER_BYTES = 16;

    private static final int AVERAGE_BYTES = CHUNKS * (CHUNK_BYTES + TRAILER_BYTES);
    private static final Layout LAYOUT =
            Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(16L * CHUNKS))), CHUNK_BYTES / 4);
    private static final String PLAN = "{model: m, channels: [{name: ema, operator: ema, settings: {decay: 0.5}}]}";
    private static final Sha256 NONE = new Sha256(new byte[32]);

    private final RecordCodec codec =
            Registry.connect("mock://staging-budget", Map.of()).codec();
    private final List<byte[]> log = new ArrayList<>();
    private long seq;
    private long epoch = 1;
    private int emissionEvery = 1;

    StagingBudgetTest() {
        append(new Plan(1, ++seq, "p", PLAN, ""));
        append(new Open(1, "r", 1L, LAYOUT.hashRecord(), LAYOUT.toRecord(), true, Map.of()));
    }

    @Test
    void aCheckpointBeyondTheBudgetIsFoldedChunkByChunk() {
        checkpoint(10, 1, -1);
        checkpoint(20, 2, -1);
        assertThat(bytes(Long.MAX_VALUE)).as("the newest one is kept as a base").isGreaterThan(2 * AVERAGE_BYTES - 1);
        assertThat(bytes(4 * CHUNK_BYTES)).isLessThanOrEqualTo(AVERAGE_BYTES + 6 * CHUNK_BYTES);
        assertThat(said(4 * CHUNK_BYTES)).isEqualTo(said(Long.MAX_VALUE)).isNotEmpty();
    }

    @Test
    void behindTheLogACheckpointWaitsForTheNextOneAsFarAsTheBudgetGoes() {
        append(new Open(1, "r", 2L, LAYOUT.hashRecord(), LAYOUT.toRecord(), false, Map.of()));
        epoch = 2;
        emissionEvery = 4;
        for (int fill = 1; fill <= 7; fill++) {
            checkpoint(10L * fill, fill, -1);
        }
        int checkpoint = CHUNKS * CHUNK_BYTES;
        for (int chunks : List.of(0, 1, CHUNKS / 2, CHUNKS, CHUNKS + CHUNKS / 2, 2 * CHUNKS)) {
            Said late = new Said(codec);
            Said early = new Said(codec);
            early.behind = () -> false;
            long budget = (long) chunks * CHUNK_BYTES;
            try (PartitionFold fold = fold(budget, late)) {
                assertThat(fold.stateBytes())
                        .as(chunks + " chunks")
                        .isLessThanOrEqualTo(AVERAGE_BYTES + budget + CHUNK_BYTES);
            }
            try (PartitionFold fold = fold(budget, early)) {
                assertThat(fold.stateBytes()).isLessThanOrEqualTo(AVERAGE_BYTES + checkpoint);
            }
            assertThat(late.lines).as(chunks + " chunks").isEqualTo(early.lines).isNotEmpty();
        }
        try (PartitionFold fold = fold(Long.MAX_VALUE, new Said(codec))) {
            assertThat(fold.stateBytes()).isEqualTo(AVERAGE_BYTES + 2 * checkpoint);
        }
    }

    @Test
    void chunksThatDoNotChangeStayInTheLogWithTheirBase() {
        checkpoint(10, 1, -1);
        for (int step = 20; step <= 60; step += 10) {
            checkpoint(step, 1, step - 10);
        }
        assertThat(bytes(4 * CHUNK_BYTES)).isLessThanOrEqualTo(AVERAGE_BYTES + 6 * CHUNK_BYTES);
        assertThat(said(4 * CHUNK_BYTES)).isEqualTo(said(Long.MAX_VALUE)).isNotEmpty();
    }

    @Test
    void whoKnowsWhatWasAcceptedHoldsOneChunk() {
        append(new Open(1, "r", 2L, LAYOUT.hashRecord(), LAYOUT.toRecord(), false, Map.of()));
        epoch = 2;
        checkpoint(10, 1, -1);
        checkpoint(20, 2, -1);
        Said live = new Said(codec);
        for (FoldOutput out : List.of(FoldOutput.NONE, live)) {
            try (PartitionFold fold = fold(Long.MAX_VALUE, out, foresight())) {
                assertThat(fold.stateBytes()).isEqualTo(AVERAGE_BYTES + CHUNK_BYTES);
            }
        }
        assertThat(live.lines).isEqualTo(said(Long.MAX_VALUE)).isNotEmpty();
        assertThat(bytes(Long.MAX_VALUE)).isGreaterThanOrEqualTo(2 * AVERAGE_BYTES - CHUNKS * TRAILER_BYTES);
    }

    @Test
    void behindTheEndThatTheLogHadNothingIsKnown() {
        checkpoint(10, 1, -1);
        Foresight foresight = foresight(CHUNKS / 2);
        fold(Long.MAX_VALUE, FoldOutput.NONE, foresight).close();
        // Offset 0 has the plan, 1 the open.
        assertThat(foresight.entered()).isEqualTo(CHUNKS / 2 - 2);
    }

    @Test
    void anotherAcceptanceInTheLogThanInTheTopicOfDecisionsStopsTheFold() {
        checkpoint(10, 1, -1);
        Foresight foresight = new Foresight("m.decisions", Long.MAX_VALUE);
        foresight.add(acceptance(10, seq, "another one"));
        assertThatThrownBy(() -> fold(Long.MAX_VALUE, FoldOutput.NONE, foresight))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining(
                        "m.decisions has another decision 2 than the log; delete the records of m.decisions");
    }

    /** As the topic of decisions may have it of an earlier model of the same name. */
    @Test
    void anAcceptanceIntoAChannelThatThePlanLacksIsNotForeseen() {
        checkpoint(10, 1, -1);
        Foresight foresight = new Foresight("m.decisions", Long.MAX_VALUE);
        Decision other = acceptance(10, seq, "");
        other.put("updates", List.of(new ChannelUpdate("gone", List.of(1.0), 0L, 0L, List.of())));
        foresight.add(other);
        try (PartitionFold fold = fold(Long.MAX_VALUE, FoldOutput.NONE, foresight)) {
            assertThat(foresight.entered()).isZero();
            assertThat(fold.seq()).isEqualTo(seq);
        }
    }

    private Foresight foresight() {
        return foresight(log.size());
    }

    private Foresight foresight(long until) {
        Foresight foresight = new Foresight("m.decisions", until);
        for (byte[] value : log) {
            if (codec.read(value) instanceof Decision decision) {
                foresight.add(decision);
            }
        }
        return foresight;
    }

    /** Averages and the pool's memory at its largest. */
    private long bytes(long budgetBytes) {
        try (PartitionFold fold = fold(budgetBytes, FoldOutput.NONE)) {
            return fold.stateBytes();
        }
    }

    private List<String> said(long budgetBytes) {
        Said said = new Said(codec);
        fold(budgetBytes, said).close();
        return said.lines;
    }

    private PartitionFold fold(long budgetBytes, FoldOutput out) {
        return fold(budgetBytes, out, Foresight.none());
    }

    private PartitionFold fold(long budgetBytes, FoldOutput out, Foresight foresight) {
        StagingBudget budget = new StagingBudget(budgetBytes, rereads());
        PartitionFold fold = new PartitionFold("m.deltas", 0, 1, codec, Kernel.create(), null, null, budget, foresight);
        for (int offset = 0; offset < log.size(); offset++) {
            fold.apply(new byte[1], log.get(offset), new RecordHeaders(), offset, 0, out);
        }
        assertThat(fold.counters().snapshot()).doesNotContainKey("chunks-refused");
        return fold;
    }

    private Refetch rereads() {
        return new Refetch() {
            @Override
            public void read(SortedSet<Long> offsets, Reader reader) {
                offsets.forEach(offset -> reader.read(offset, log.get(offset.intValue()), new RecordHeaders()));
            }

            @Override
            public void close() {}
        };
    }

    /**
     * A checkpoint and its acceptance.
     *
     * @param fill every byte of it
     * @param baseStep every chunk is a marker that it equals that one's; -1: every chunk is full
     */
    private void checkpoint(long step, int fill, long baseStep) {
        PartDigest digest = new PartDigest();
        for (int number = 0; number < CHUNKS; number++) {
            ByteBuffer bytes = ByteBuffer.allocate(CHUNK_BYTES);
            Arrays.fill(bytes.array(), (byte) fill);
            int crc = Crc.crc32c(bytes);
            digest.add(number, crc);
            ByteBuffer payload = baseStep < 0 ? bytes : ByteBuffer.allocate(0);
            append(new Chunk(
                    1,
                    "r",
                    epoch,
                    step,
                    LAYOUT.hashRecord(),
                    number,
                    baseStep < 0 ? 0 : Encoding.UNCHANGED.number(),
                    baseStep,
                    crc,
                    payload));
        }
        append(new End(
                1, "r", epoch, step, LAYOUT.hashRecord(), 0, CHUNKS, new Sha256(digest.finish()), NONE, List.of()));
        append(acceptance(step, ++seq, ""));
    }

    private Decision acceptance(long step, long number, String reason) {
        long version = number % emissionEvery == 0 ? number - 1 : 0;
        ChannelUpdate update = new ChannelUpdate("ema", List.of(number == 2 ? 1.0 : 0.5), version, 0L, List.of());
        return new Decision(
                1,
                number,
                "r",
                epoch,
                step,
                Verdict.COMMIT,
                reason,
                LAYOUT.hashRecord(),
                NONE,
                List.of(update),
                Map.of(),
                Map.of(),
                List.of(),
                Map.of());
    }

    private void append(SpecificRecord record) {
        log.add(codec.write(record));
    }
}
