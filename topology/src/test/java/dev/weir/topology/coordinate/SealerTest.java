package dev.weir.topology.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.schemas.record.MergedPart;
import dev.weir.schemas.record.Sealed;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Versions of one partition and one chunk, read back from what compaction has left of them. */
final class SealerTest {
    private static final Topics TOPICS = new Topics("m");
    private static final TopicPartition MERGED = new TopicPartition(TOPICS.merged(), 0);
    private static final Sha256 PART = new Sha256(new byte[32]);

    private final RecordCodec codec =
            Registry.connect("mock://sealer-test", Map.of()).codec();
    private final Layout layout = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(2L))));
    private final List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();
    private final BlockingQueue<Object> said = new LinkedBlockingQueue<>();
    /** At the second, all that the first one brought was passed by. */
    private final CountDownLatch polls = new CountDownLatch(2);

    @Test
    void aVersionWhoseChunksAreGoneIsSkippedOnceItIsRetiredAndTheNextIsRead() throws Exception {
        // Of version 1 nothing is left, of version 2 the end alone.
        append(5, end(2));
        append(6, chunk(3));
        append(7, end(3));
        try (Sealer sealer = sealer()) {
            sealer.seal(job(1));
            sealer.seal(job(2));
            sealer.skip("ema", 2);
            sealer.seal(job(3));
            assertThat(polls.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(said).as("version 1 is waited for").isEmpty();
            sealer.skip("ema", 1);
            assertThat(said.poll(60, TimeUnit.SECONDS)).isInstanceOfSatisfying(Sealed.class, answer -> {
                assertThat(answer.getVersion()).isEqualTo(3);
                assertThat(answer.getRanges().getFirst().getFirstOffset()).isEqualTo(6);
                assertThat(answer.getRanges().getFirst().getNextOffset()).isEqualTo(8);
            });
        }
    }

    private Sealer sealer() {
        MergedReader reader = new MergedReader(consumer(), codec, TOPICS.merged(), 1, Map.of());
        return new Sealer(TOPICS, "m", 1, codec, () -> reader, this::producer, said::add);
    }

    private SealJob job(long version) {
        return new SealJob("ema", version, version, layout, List.of(), List.of(PART));
    }

    private void append(long offset, SpecificRecord record) {
        log.add(new ConsumerRecord<>(TOPICS.merged(), 0, offset, new byte[0], codec.write(record)));
    }

    private MergedChunk chunk(long version) {
        ByteBuffer payload = ByteBuffer.wrap(new byte[8]);
        return new MergedChunk(1, "ema", version, version, layout.hashRecord(), 0, Crc.crc32c(payload), payload);
    }

    private static MergedEnd end(long version) {
        return new MergedEnd(1, "ema", version, version, new MergedPart(0, 1, PART));
    }

    /** A consumer that reads the log again after it was told to go back. */
    private MockConsumer<byte[], byte[]> consumer() {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest") {
            @Override
            public synchronized void assign(Collection<TopicPartition> partitions) {
                super.assign(partitions);
                updateBeginningOffsets(Map.of(MERGED, 0L));
            }

            @Override
            public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
                polls.countDown();
                return super.poll(timeout);
            }

            @Override
            public synchronized void seekToBeginning(Collection<TopicPartition> partitions) {
                super.seekToBeginning(partitions);
                log.forEach(this::addRecord);
            }
        };
        return consumer;
    }

    private MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
            @Override
            public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
                try {
                    said.add(codec.read(record.value(), new RecordHeaders(), false));
                } catch (dev.weir.schemas.wire.BadRecordException bad) {
                    said.add(bad);
                }
                return super.send(record, callback);
            }
        };
    }
}
