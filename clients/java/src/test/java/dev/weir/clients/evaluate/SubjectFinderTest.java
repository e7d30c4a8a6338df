package dev.weir.clients.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

final class SubjectFinderTest {

    private static final TopicPartition LOG = new TopicPartition("m.decisions", 0);
    private static final Sha256 DIGEST = new Sha256(new byte[32]);

    private final RecordCodec codec =
            Registry.connect("mock://SubjectFinderTest", Map.of()).codec();
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final LogReader log = new LogReader(consumer, LOG.topic(), new Connection("b:1", "mock://x"));
    private long seq;

    @Test
    void aCheckpointIsCalledByTheDecisionThatAcceptedIt() {
        decide("r", 7, Verdict.COMMIT, "");
        decide("r", 8, Verdict.COMMIT, "");
        decide("q", 8, Verdict.COMMIT, "");

        assertThat(find("r", 8)).isEqualTo(new Subject("", 2L));
    }

    @Test
    void aRepetitionNamesADecisionThatIsNoLongerThere() {
        decide("r", 8, Verdict.REJECT, "duplicate: accepted before as decision 41");

        assertThat(find("r", 8)).isEqualTo(new Subject("", 41L));
    }

    @Test
    void oneThatWasRefusedIsToldWhy() {
        decide("r", 8, Verdict.REJECT, "non-finite: tensor w");

        assertThatThrownBy(() -> find("r", 8))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("run r step 8: was not accepted: non-finite: tensor w");
    }

    @Test
    void oneThatIsNotThereIsToldWhatToDo() {
        decide("r", 8, Verdict.COMMIT, "");

        assertThatThrownBy(() -> find("r", 9))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("run r step 9: has no decision; decisions are kept for 7 days; publish it");
    }

    private Subject find(String run, long step) {
        consumer.updateBeginningOffsets(Map.of(LOG, 0L));
        consumer.updateEndOffsets(Map.of(LOG, seq));
        return SubjectFinder.checkpoint(log, codec, run, step);
    }

    private void decide(String run, long step, Verdict verdict, String reason) {
        Decision decision = new Decision(
                1, seq + 1, run, 1L, step, verdict, reason, DIGEST, DIGEST, List.of(), Map.of(), Map.of(), List.of(),
                Map.of());
        byte[] key = codec.write(new ModelKey(1, "m"));
        consumer.addRecord(new ConsumerRecord<>(LOG.topic(), 0, seq++, key, codec.write(decision)));
    }
}
