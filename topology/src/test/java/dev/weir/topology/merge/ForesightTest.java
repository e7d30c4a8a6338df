package dev.weir.topology.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import dev.weir.schemas.wire.RegistryException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

/** What is known of a log's acceptances when its fold is opened. */
final class ForesightTest {
    private static final TopicPartition LOG = new TopicPartition("m.deltas", 3);
    private static final TopicPartition DECISIONS = new TopicPartition("m.decisions", 0);
    private static final Sha256 LAYOUT = new Sha256(new byte[32]);
    private static final long END = 100;

    private final RecordCodec codec =
            Registry.connect("mock://foresight", Map.of()).codec();
    private final MockConsumer<byte[], byte[]> broker = new MockConsumer<>("none");

    @Test
    void acceptancesBehindTheFoldsOwnAreKnownUpToTheEndThatTheLogHas() {
        topic(decision(1, 10, Verdict.COMMIT), decision(2, 20, Verdict.COMMIT), decision(3, 30, Verdict.COMMIT));
        Foresight foresight = read(0, 1);
        assertThat(foresight.next(0, chunk(10), 0)).as("folded already").isNull();
        assertThat(foresight.next(1, chunk(20), END - 1)).isEqualTo(decision(2, 20, Verdict.COMMIT));
        assertThat(foresight.next(1, chunk(20), END)).as("written since").isNull();
        assertThat(foresight.next(1, chunk(30), 0)).as("not the next one").isNull();
        assertThat(foresight.next(2, chunk(30), 0)).isEqualTo(decision(3, 30, Verdict.COMMIT));
        assertThat(foresight.next(3, chunk(40), 0)).isNull();
    }

    @Test
    void rejectionsAndForeignRecordsSayNothing() {
        topic(decision(1, 10, Verdict.REJECT), new ModelKey(1, "m"), decision(2, 20, Verdict.COMMIT));
        Foresight foresight = read(0, 0);
        assertThat(foresight.next(0, chunk(10), 0)).isNull();
        assertThat(foresight.next(1, chunk(20), 0)).isNotNull();
    }

    @Test
    void whereNumbersBeginAgainWhatLiesBeforeIsOfAnotherModel() {
        topic(
                decision(1, 10, Verdict.COMMIT),
                decision(2, 20, Verdict.COMMIT),
                decision(1, 10, Verdict.REJECT),
                decision(2, 30, Verdict.COMMIT));
        Foresight foresight = read(0, 0);
        assertThat(foresight.next(0, chunk(10), 0)).isNull();
        assertThat(foresight.next(1, chunk(20), 0)).isNull();
        assertThat(foresight.next(1, chunk(30), 0)).isNotNull();
    }

    @Test
    void whereTheRegistryDoesNotAnswerForARecordNothingIsKnown() {
        RegistryException away = catchThrowableOfType(
                RegistryException.class, () -> Registry.connectReadOnly("http://127.0.0.1:1", Map.of()));
        topic(decision(1, 10, Verdict.COMMIT));
        broker.schedulePollTask(() -> {
            throw away;
        });
        assertThat(read(0, 0).next(1, chunk(10), 0)).isNull();
        assertThat(broker.closed()).isTrue();
    }

    @Test
    void whereTheLogHasNothingToFoldTheTopicIsNotRead() {
        topic(decision(1, 10, Verdict.COMMIT));
        assertThat(read(END, 0).next(0, chunk(10), 0)).isNull();
        assertThat(broker.assignment()).isEmpty();
    }

    @Test
    void whereTheTopicCannotBeReadNothingIsKnown() {
        topic(decision(1, 10, Verdict.COMMIT));
        broker.setOffsetsException(new TimeoutException("away"));
        assertThat(read(0, 0).next(0, chunk(10), 0)).isNull();
        assertThat(broker.closed()).isTrue();
    }

    private Foresight read(long from, long seq) {
        return Foresight.read(DECISIONS.topic(), LOG, from, seq, codec, () -> broker);
    }

    private void topic(SpecificRecord... records) {
        broker.updateBeginningOffsets(Map.of(DECISIONS, 0L));
        broker.updateEndOffsets(Map.of(DECISIONS, (long) records.length, LOG, END));
        broker.schedulePollTask(() -> {
            for (int offset = 0; offset < records.length; offset++) {
                byte[] value = codec.write(records[offset]);
                broker.addRecord(new ConsumerRecord<>(DECISIONS.topic(), 0, offset, new byte[0], value));
            }
        });
    }

    private static Decision decision(long seq, long step, Verdict verdict) {
        return new Decision(
                1, seq, "r", 1L, step, verdict, "", LAYOUT, LAYOUT, List.of(), Map.of(), Map.of(), List.of(), Map.of());
    }

    private static Chunk chunk(long step) {
        return new Chunk(1, "r", 1L, step, LAYOUT, 0, 0, -1L, 0, ByteBuffer.allocate(0));
    }
}
