package dev.weir.benchmarks;

import dev.weir.clients.Connection;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * A log of deltas as trainers and coordinator leave it, written beforehand: one EMA, checkpoint after checkpoint of f32
 * chunks of full size.
 *
 * @param model name of the model
 * @param partitions of deltas
 * @param chunks of a checkpoint
 * @param checkpoints how many
 * @param emitEvery a snapshot in so many of them
 * @param foreseen whether the topic of decisions has its decisions, too, as within its retention
 */
record StreamLog(String model, int partitions, int chunks, int checkpoints, int emitEvery, boolean foreseen) {
    private static final int ELEMENTS = 245_760;
    private static final int VARIANTS = 7;
    private static final Sha256 CONTENT = new Sha256(new byte[32]);
    private static final String RUN = "run-1";

    Topics topics() {
        return new Topics(model);
    }

    /** Its partitions. */
    List<TopicPartition> sources() {
        return IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topics().deltas(), partition))
                .toList();
    }

    /** Bytes of weights in all checkpoints. */
    long payloadBytes() {
        return 4L * ELEMENTS * chunks * checkpoints;
    }

    /** Writes it; every record is acknowledged when this returns. */
    void write(Connection connection, RecordCodec codec) {
        Layout layout = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of((long) chunks * ELEMENTS))));
        ByteBuffer[] weights = weights();
        int[] crcs = Arrays.stream(weights).mapToInt(Crc::crc32c).toArray();
        Map<String, Object> settings =
                Map.of("max.request.size", 4 << 20, "batch.size", (1 << 20) + (64 << 10), "compression.type", "none");
        try (Producer<byte[], byte[]> producer = connection.producer(Map.of(), settings)) {
            Writer writer = new Writer(producer, codec, topics(), model);
            long seq = 1;
            for (int partition = 0; partition < partitions; partition++) {
                writer.send(partition, new Plan(1, seq, "p", plan(), ""));
                writer.send(partition, new Open(1, RUN, 1L, layout.hashRecord(), layout.toRecord(), false, Map.of()));
            }
            for (int step = 1; step <= checkpoints; step++) {
                PartDigest[] parts = new PartDigest[partitions];
                Arrays.setAll(parts, partition -> new PartDigest());
                for (int number = 0; number < layout.chunkCount(); number++) {
                    ChunkSpec chunk = layout.chunk(number);
                    int variant = (step + number) % VARIANTS;
                    parts[number % partitions].add(chunk.index(), crcs[variant]);
                    writer.send(
                            number % partitions,
                            new Chunk(
                                    1,
                                    RUN,
                                    1L,
                                    (long) step,
                                    layout.hashRecord(),
                                    number,
                                    0,
                                    -1L,
                                    crcs[variant],
                                    weights[variant].duplicate()));
                }
                seq++;
                ChannelUpdate update = new ChannelUpdate(
                        "ema",
                        List.of(step == 1 ? 1.0 : 0.1),
                        step % emitEvery == 0 ? (long) step / emitEvery : 0,
                        0L,
                        List.of());
                Decision decision = new Decision(
                        1,
                        seq,
                        RUN,
                        1L,
                        (long) step,
                        Verdict.COMMIT,
                        "",
                        layout.hashRecord(),
                        CONTENT,
                        List.of(update),
                        Map.of(),
                        Map.of(),
                        List.of(),
                        Map.of());
                for (int partition = 0; partition < partitions; partition++) {
                    int count = parts[partition].count();
                    Sha256 digest = new Sha256(parts[partition].finish());
                    writer.send(
                            partition,
                            new End(
                                    1,
                                    RUN,
                                    1L,
                                    (long) step,
                                    layout.hashRecord(),
                                    partition,
                                    count,
                                    digest,
                                    CONTENT,
                                    List.of()));
                    writer.send(partition, decision);
                }
                if (foreseen) {
                    writer.decided(decision);
                }
            }
            producer.flush();
        }
    }

    private String plan() {
        return "{model: " + model + ", channels: [{name: ema, operator: ema, settings: {decay: 0.9}, emit-every: "
                + emitEvery + "}]}";
    }

    private static ByteBuffer[] weights() {
        SplittableRandom random = new SplittableRandom(1);
        ByteBuffer[] weights = new ByteBuffer[VARIANTS];
        for (int i = 0; i < VARIANTS; i++) {
            weights[i] = ByteBuffer.allocate(4 * ELEMENTS).order(ByteOrder.LITTLE_ENDIAN);
            while (weights[i].hasRemaining()) {
                weights[i].putFloat((float) random.nextGaussian());
            }
            weights[i].flip();
        }
        return weights;
    }

    private record Writer(Producer<byte[], byte[]> producer, RecordCodec codec, Topics topics, String model) {
        /** Writes to deltas. */
        void send(int partition, SpecificRecord value) {
            send(topics.deltas(), partition, new DeltaKey(1, RUN, 1L, -1), value);
        }

        /** Writes to decisions. */
        void decided(Decision decision) {
            send(topics.decisions(), 0, new ModelKey(1, model), decision);
        }

        private void send(String topic, int partition, SpecificRecord key, SpecificRecord value) {
            byte[] k = codec.write(key);
            producer.send(new ProducerRecord<>(topic, partition, k, codec.write(value)), (metadata, failed) -> {
                if (failed != null) {
                    throw new IllegalStateException("the log could not be written", failed);
                }
            });
        }
    }
}
