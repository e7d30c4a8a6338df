package dev.weir.topology.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.topology.store.FoldException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Records are had again by offset, in any order of calls, from a broker that may be away. */
final class LogRefetchTest {
    private static final TopicPartition SOURCE = new TopicPartition("m.deltas", 0);

    private final MockConsumer<byte[], byte[]> broker = new MockConsumer<>("none");
    private int away;
    private long start;

    @Test
    void recordsComeInOrderAlsoBehindOnesThatWerePolledBefore() {
        try (LogRefetch log = new LogRefetch(SOURCE, this::consumer, Duration.ofSeconds(30))) {
            assertThat(read(log, 3, 5, 40)).containsExactly(3L, 5L, 40L);
            assertThat(read(log, 41)).containsExactly(41L);
            assertThat(read(log, 4, 99)).containsExactly(4L, 99L);
        }
    }

    @Test
    void aBrokerThatIsAwayIsWaitedFor() {
        away = 3;
        try (LogRefetch log = new LogRefetch(SOURCE, this::consumer, Duration.ofSeconds(30))) {
            assertThat(read(log, 7)).containsExactly(7L);
        }
    }

    @Test
    void aBrokerThatStaysAwayIsNamed() {
        away = Integer.MAX_VALUE;
        try (LogRefetch log = new LogRefetch(SOURCE, this::consumer, Duration.ofMillis(1))) {
            assertThatThrownBy(() -> read(log, 7))
                    .isInstanceOf(FoldException.class)
                    .hasMessageContaining(
                            "m.deltas-0: offset 7 is needed again and did not come within 0 s; the broker")
                    .hasMessageContaining("staging-bytes");
        }
    }

    @Test
    void whatRetentionHasTakenIsNamed() {
        try (LogRefetch log = new LogRefetch(SOURCE, this::consumer, Duration.ofSeconds(30))) {
            read(log, 0);
            start = 50;
            broker.updateBeginningOffsets(Map.of(SOURCE, start));
            assertThatThrownBy(() -> read(log, 20))
                    .isInstanceOf(FoldException.class)
                    .hasMessageContaining(
                            "m.deltas-0: offset 20 is needed again and is gone; retention.ms of m.deltas");
        }
    }

    private MockConsumer<byte[], byte[]> consumer() {
        broker.updateBeginningOffsets(Map.of(SOURCE, 0L));
        schedule();
        return broker;
    }

    /** The mock forgets records once they were polled. */
    private void schedule() {
        broker.schedulePollTask(() -> {
            if (away > 0) {
                away--;
            } else {
                long from = Math.max(broker.position(SOURCE), start);
                for (long offset = from; offset < Math.min(from + 20, 100); offset++) {
                    broker.addRecord(new ConsumerRecord<>(SOURCE.topic(), 0, offset, new byte[1], new byte[] {1}));
                }
            }
            schedule();
        });
    }

    private static List<Long> read(LogRefetch log, long... offsets) {
        TreeSet<Long> wanted = new TreeSet<>();
        for (long offset : offsets) {
            wanted.add(offset);
        }
        List<Long> found = new ArrayList<>();
        log.read(wanted, (offset, value, headers) -> found.add(offset));
        return found;
    }
}
