package dev.weir.clients.log;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.schemas.wire.RegistryException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads a topic of one partition by offsets. Not thread-safe. */
public final class LogReader implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);

    private final Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final String bootstrap;
    private final Duration patience;

    /**
     * A reader of that topic.
     *
     * @param consumer given up to this reader, not subscribed
     * @param topic one of a single partition
     * @param connection what the consumer is connected to
     */
    public LogReader(Consumer<byte[], byte[]> consumer, String topic, Connection connection) {
        this.consumer = consumer;
        this.partition = new TopicPartition(topic, 0);
        this.bootstrap = connection.bootstrap();
        this.patience = connection.reach();
        consumer.assign(List.of(partition));
    }

    /** The offset of the oldest record. */
    public long begin() {
        return offset(consumer.beginningOffsets(List.of(partition), patience));
    }

    /** The offset behind the newest record that this reader may see. */
    public long end() {
        return offset(consumer.endOffsets(List.of(partition), patience));
    }

    /** Reads on from there. */
    public void seek(long offset) {
        consumer.seek(partition, offset);
    }

    /** The next records, which may be none. */
    public List<ConsumerRecord<byte[], byte[]>> poll(Duration wait) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(wait);
        return records.records(partition);
    }

    /**
     * Hands over the records of a range.
     *
     * @param from first offset
     * @param to offset behind the last one
     * @param each is given each record in order
     * @throws ClientException if nothing came for as long as a broker may take to answer, or the registry fails
     */
    public void read(long from, long to, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> each) {
        try {
            seek(from);
            long progressNanos = System.nanoTime();
            long position = from;
            while (position < to) {
                for (ConsumerRecord<byte[], byte[]> next : poll(POLL)) {
                    if (next.offset() < to) {
                        each.accept(next);
                    }
                }
                long now = consumer.position(partition);
                if (now > position) {
                    progressNanos = System.nanoTime();
                } else if (System.nanoTime() - progressNanos > patience.toNanos()) {
                    throw new ClientException(
                            ClientException.Reason.TIMEOUT,
                            "topic " + partition.topic(),
                            "stopped at offset " + position + " of " + to,
                            "",
                            "see whether broker " + bootstrap + " is well");
                }
                position = now;
            }
        } catch (KafkaException e) {
            throw ClientException.ofKafka("topic " + partition.topic(), bootstrap, e);
        } catch (RegistryException e) {
            throw ClientException.ofRegistry("topic " + partition.topic(), e);
        }
    }

    @Override
    public void close() {
        consumer.close();
    }

    private long offset(Map<TopicPartition, Long> offsets) {
        Long offset = offsets.get(partition);
        return offset == null ? 0 : offset;
    }
}
