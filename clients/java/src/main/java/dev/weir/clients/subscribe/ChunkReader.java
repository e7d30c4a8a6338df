package dev.weir.clients.subscribe;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedKey;
import dev.weir.schemas.record.MergedRange;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the merged chunks of one version from the ranges that its manifest names, one chunk of a chosen partition at a
 * time. Partitions that are ahead are paused, so that little is held in memory.
 */
final class ChunkReader {

    /** Consumer settings for chunks: several in a fetch, few handed out at once. */
    static final Map<String, Object> TUNING = Map.of(
            "max.partition.fetch.bytes", 4 * 1024 * 1024, "fetch.max.bytes", 32 * 1024 * 1024, "max.poll.records", 16);

    /** Chunks that may wait in all partitions together. */
    private static final int WAITING = 64;

    private static final Duration POLL = Duration.ofMillis(200);

    private final Consumer<byte[], byte[]> consumer;
    private final RecordCodec codec;
    private final Connection connection;
    private final Manifest manifest;
    private final String topic;
    private final Map<Integer, ArrayDeque<MergedChunk>> waiting = new HashMap<>();
    private final Map<Integer, Long> nextOffsets = new HashMap<>();
    private long progressNanos;

    /**
     * @param consumer read_committed, not subscribed
     */
    ChunkReader(
            Consumer<byte[], byte[]> consumer,
            RecordCodec codec,
            Connection connection,
            String topic,
            Manifest manifest) {
        this.consumer = consumer;
        this.codec = codec;
        this.connection = connection;
        this.topic = topic;
        this.manifest = manifest;
        List<TopicPartition> assigned = new ArrayList<>();
        for (MergedRange range : manifest.getRanges()) {
            assigned.add(new TopicPartition(topic, range.getPartition()));
            waiting.put(range.getPartition(), new ArrayDeque<>());
            nextOffsets.put(range.getPartition(), range.getNextOffset());
        }
        consumer.assign(assigned);
        for (MergedRange range : manifest.getRanges()) {
            consumer.seek(new TopicPartition(topic, range.getPartition()), range.getFirstOffset());
        }
    }

    /** The chunk of that number, which must be the next one of this version in its partition. */
    MergedChunk next(int partition, int number) {
        ArrayDeque<MergedChunk> queue = waiting.get(partition);
        if (queue == null) {
            throw gone(number, null);
        }
        // The writer of the chunks before may have taken its time.
        progressNanos = System.nanoTime();
        try {
            while (queue.isEmpty()) {
                if (consumer.position(new TopicPartition(topic, partition)) >= nextOffset(partition)) {
                    throw gone(number, null);
                }
                fetch(partition);
            }
        } catch (OffsetOutOfRangeException e) {
            throw gone(number, e);
        } catch (KafkaException e) {
            throw ClientException.ofKafka(name(), connection.bootstrap(), e);
        }
        MergedChunk chunk = queue.remove();
        if (chunk.getChunk() != number) {
            throw gone(number, null);
        }
        return chunk;
    }

    private void fetch(int wanted) {
        int share = Math.max(1, WAITING / waiting.size());
        waiting.forEach((partition, queue) -> {
            TopicPartition one = new TopicPartition(topic, partition);
            boolean behind = queue.size() < share && consumer.position(one) < nextOffset(partition);
            if (partition == wanted || behind) {
                consumer.resume(List.of(one));
            } else {
                consumer.pause(List.of(one));
            }
        });
        long before = consumer.position(new TopicPartition(topic, wanted));
        consumer.poll(POLL).forEach(found -> {
            ArrayDeque<MergedChunk> queue = waiting.get(found.partition());
            if (queue != null && found.offset() < nextOffset(found.partition())) {
                chunk(found).ifPresent(queue::add);
            }
        });
        long now = System.nanoTime();
        if (consumer.position(new TopicPartition(topic, wanted)) > before) {
            progressNanos = now;
        } else if (now - progressNanos > connection.reach().toNanos()) {
            throw new ClientException(
                    ClientException.Reason.TIMEOUT,
                    name(),
                    "no more records of " + topic + "-" + wanted + " from offset " + before,
                    "",
                    "see whether broker " + connection.bootstrap() + " is well");
        }
    }

    private Optional<MergedChunk> chunk(ConsumerRecord<byte[], byte[]> found) {
        if (found.value() == null) {
            return Optional.empty();
        }
        try {
            MergedKey key = codec.read(found.key(), MergedKey.class);
            boolean ours = key.getChunk() >= 0
                    && key.getVersion() == manifest.getVersion()
                    && key.getChannel().equals(manifest.getChannel());
            return ours ? Optional.of(codec.read(found.value(), MergedChunk.class)) : Optional.empty();
        } catch (BadRecordException foreign) {
            return Optional.empty();
        }
    }

    private long nextOffset(int partition) {
        return nextOffsets.getOrDefault(partition, 0L);
    }

    private String name() {
        return "channel " + manifest.getChannel() + " version " + manifest.getVersion();
    }

    private ClientException gone(int number, @org.jspecify.annotations.Nullable Throwable cause) {
        return new ClientException(
                ClientException.Reason.RETIRED,
                name(),
                "chunk " + number + " is gone, the version has been retired",
                "kept are as many versions of a channel as its `retain` in the plan says",
                "pull a newer version, or raise `retain`",
                cause);
    }
}
