package dev.weir.clients.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.Run;
import dev.weir.schemas.record.RunKey;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

final class EpochTest {

    private static final TopicPartition RUNS = new TopicPartition("mnist.runs", 0);

    private final RecordCodec codec =
            Registry.connect("mock://EpochTest", Map.of()).codec();
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final LogReader log = new LogReader(consumer, RUNS.topic(), new Connection("b:1", "mock://EpochTest"));
    private long offset = 5;

    EpochTest() {
        consumer.updateBeginningOffsets(Map.of(RUNS, 5L));
    }

    @Test
    void aRunThatNeverPublishedIsAtEpochZero() {
        add("other", 7);

        assertThat(newest()).isZero();
    }

    @Test
    void theNewestEpochOfTheRunCountsWhateverLiesBehindIt() {
        add("r", 1);
        add("r", 4);
        add("other", 9);
        consumer.addRecord(new ConsumerRecord<>(RUNS.topic(), 0, offset++, new byte[] {1}, new byte[] {2}));
        consumer.addRecord(new ConsumerRecord<>(RUNS.topic(), 0, offset++, new byte[] {1}, null));

        assertThat(newest()).isEqualTo(4);
    }

    @Test
    void runNamesAreChecked() {
        RunName.check("A.b_c-9");
        for (String bad : new String[] {"", "-a", "a b", "ü", "x".repeat(101)}) {
            assertThatThrownBy(() -> RunName.check(bad))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining("run \"" + bad + "\"")
                    .hasMessageContaining("allowed: 1 to 100 letters");
        }
    }

    private long newest() {
        consumer.updateEndOffsets(Map.of(RUNS, offset));
        return Epoch.newest(log, codec, "r").number();
    }

    private void add(String run, long epoch) {
        SpecificRecord key = new RunKey(1, run);
        SpecificRecord value = new Run(1, run, epoch);
        consumer.addRecord(new ConsumerRecord<>(RUNS.topic(), 0, offset++, codec.write(key), codec.write(value)));
    }
}
