package dev.weir.benchmarks;

import dev.weir.schemas.tensor.Crc;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Plain consumers that read their partitions to the end, each in a thread of its own. */
final class PlainReaders implements AutoCloseable {
    private final boolean checksum;
    private final List<KafkaConsumer<byte[], byte[]>> consumers = new ArrayList<>();
    private final ExecutorService threads;

    /** @param shares partitions of each consumer */
    PlainReaders(List<List<TopicPartition>> shares, Map<String, Object> settings, boolean checksum) {
        this.checksum = checksum;
        this.threads = Executors.newFixedThreadPool(shares.size());
        for (List<TopicPartition> share : shares) {
            KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings);
            consumer.assign(share);
            consumer.seekToBeginning(share);
            share.forEach(consumer::position);
            consumers.add(consumer);
        }
    }

    /**
     * Reads everything once.
     *
     * @param first run when a consumer has its first records
     */
    void read(Runnable first) throws InterruptedException, ExecutionException {
        List<Future<Integer>> sums = new ArrayList<>();
        for (KafkaConsumer<byte[], byte[]> consumer : consumers) {
            sums.add(threads.submit(() -> read(consumer, first)));
        }
        for (Future<Integer> sum : sums) {
            if (sum.get() == Integer.MIN_VALUE) {
                throw new IllegalStateException("the compiler may not know that the sum is not needed");
            }
        }
    }

    private int read(KafkaConsumer<byte[], byte[]> consumer, Runnable first) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        int sum = 0;
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
            if (!records.isEmpty()) {
                first.run();
            }
            for (ConsumerRecord<byte[], byte[]> record : records) {
                sum ^= checksum ? Crc.crc32c(ByteBuffer.wrap(record.value())) : record.value().length;
            }
        }
        return sum;
    }

    @Override
    public void close() {
        threads.close();
        consumers.forEach(KafkaConsumer::close);
    }
}
