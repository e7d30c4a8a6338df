package dev.weir.benchmarks;

import dev.weir.clients.Connection;
import dev.weir.schemas.record.Opened;
import dev.weir.schemas.record.Staged;
import dev.weir.schemas.record.Staging;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** When the acknowledgements of a run came into the hands of a reader of its own, by {@link System#nanoTime}. */
final class AckReader implements AutoCloseable {
    private final Consumer<byte[], byte[]> consumer;
    private final RecordCodec codec;
    private final String run;
    private final Map<Ack, Long> seenNanos = new ConcurrentHashMap<>();
    private final Thread thread;

    /** What is waited for: the class of the record, the run's epoch and the partition that it speaks of. */
    private record Ack(Class<?> type, long epoch, int partition) {}

    private AckReader(Consumer<byte[], byte[]> consumer, RecordCodec codec, String run, String isolation) {
        this.consumer = consumer;
        this.codec = codec;
        this.run = run;
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("weir-bench-acks-" + isolation)
                .unstarted(this::read);
    }

    /** @param isolation {@code read_committed} or {@code read_uncommitted} */
    static AckReader watch(Connection connection, String model, RecordCodec codec, String run, String isolation) {
        Consumer<byte[], byte[]> consumer = connection.consumer(isolation, Map.of());
        List<TopicPartition> acks = List.of(new TopicPartition(new Topics(model).acks(), 0));
        consumer.assign(acks);
        consumer.seekToEnd(acks);
        acks.forEach(consumer::position);
        AckReader reader = new AckReader(consumer, codec, run, isolation);
        reader.thread.start();
        return reader;
    }

    /** When the first and when the last of all partitions' records of this type were seen; waits for them. */
    long[] firstAndLast(Class<?> type, long epoch, int partitions, Duration patience)
            throws InterruptedException, TimeoutException {
        List<Ack> wanted = IntStream.range(0, partitions)
                .mapToObj(partition -> new Ack(type, epoch, partition))
                .toList();
        long deadline = System.nanoTime() + patience.toNanos();
        while (!seenNanos.keySet().containsAll(wanted)) {
            if (System.nanoTime() > deadline) {
                throw new TimeoutException(
                        wanted + " were not all seen within " + patience + ", only " + seenNanos.keySet());
            }
            Thread.sleep(1);
        }
        long[] nanos = wanted.stream().mapToLong(seenNanos::get).sorted().toArray();
        return new long[] {nanos[0], nanos[nanos.length - 1]};
    }

    private void read() {
        try {
            while (true) {
                for (ConsumerRecord<byte[], byte[]> next : consumer.poll(Duration.ofSeconds(1))) {
                    switch (codec.read(next.value())) {
                        case Opened ack ->
                            seen(ack.getRun(), new Ack(Opened.class, ack.getEpoch(), ack.getPartition()));
                        case Staging ack ->
                            seen(ack.getRun(), new Ack(Staging.class, ack.getEpoch(), ack.getPartition()));
                        case Staged ack ->
                            seen(ack.getRun(), new Ack(Staged.class, ack.getEpoch(), ack.getPartition()));
                        default -> {}
                    }
                }
            }
        } catch (WakeupException closing) {
            consumer.close();
        }
    }

    private void seen(String ofRun, Ack ack) {
        if (ofRun.equals(run)) {
            seenNanos.putIfAbsent(ack, System.nanoTime());
        }
    }

    @Override
    public void close() {
        consumer.wakeup();
    }
}
