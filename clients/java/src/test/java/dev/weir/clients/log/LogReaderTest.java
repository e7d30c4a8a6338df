package dev.weir.clients.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.schemas.wire.Registry;
import dev.weir.schemas.wire.RegistryException;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

final class LogReaderTest {

    private static final TopicPartition LOG = new TopicPartition("m.runs", 0);

    @Test
    void aRegistryThatIsAwayWhileRecordsAreReadIsAFailureThatMayPass() {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
        consumer.updateBeginningOffsets(Map.of(LOG, 0L));
        LogReader log = new LogReader(consumer, LOG.topic(), new Connection("b:1", "mock://LogReaderTest"));
        consumer.addRecord(new ConsumerRecord<>(LOG.topic(), 0, 0, new byte[0], new byte[0]));
        RegistryException away = catchThrowableOfType(
                RegistryException.class, () -> Registry.connectReadOnly("http://127.0.0.1:1", Map.of()));

        assertThatThrownBy(() -> log.read(0, 1, record -> {
                    throw away;
                }))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("topic m.runs: ")
                .hasMessageContaining("does not answer")
                .satisfies(failed ->
                        assertThat(((ClientException) failed).mayPass()).isTrue());
    }
}
