package dev.weir.benchmarks;

import dev.weir.clients.Connection;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Opened;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Staged;
import dev.weir.schemas.record.Staging;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Tiny checkpoints of a layout of their own, one chunk a partition, which merge stages and acknowledges as any other and
 * the coordinator refuses, so that no average moves. Their acknowledgements are the records that a recovery is timed by.
 */
final class RecoveryProbe implements AutoCloseable {
    private static final String RUN = "probe";

    private final int partitions;
    private final RecordCodec codec;
    private final String deltas;
    private final Layout layout;
    private final ByteBuffer payload = ByteBuffer.allocate(Float.BYTES);
    private final Producer<byte[], byte[]> producer;
    private final AckReader committed;
    private final AckReader written;

    RecoveryProbe(Connection connection, String model, int partitions, RecordCodec codec) {
        this.partitions = partitions;
        this.codec = codec;
        this.deltas = new Topics(model).deltas();
        this.layout = Layout.of(IntStream.range(0, partitions)
                .mapToObj(number -> new TensorSpec("probe." + number, Dtype.F32, java.util.List.of(1L)))
                .toList());
        this.producer = connection.producer(Map.of(), Map.of());
        this.committed = AckReader.watch(connection, model, codec, RUN, "read_committed");
        this.written = AckReader.watch(connection, model, codec, RUN, "read_uncommitted");
    }

    /** Writes a checkpoint but for its ends; returns as soon as every task has said so inside an open transaction. */
    void begin(long number, Duration patience) throws InterruptedException, TimeoutException {
        for (int partition = 0; partition < partitions; partition++) {
            send(partition, new Open(1, RUN, number, layout.hashRecord(), layout.toRecord(), false, Map.of()));
        }
        committed.firstAndLast(Opened.class, number, partitions, patience);
        for (int partition = 0; partition < partitions; partition++) {
            send(
                    partition,
                    new Chunk(
                            1,
                            RUN,
                            number,
                            number,
                            layout.hashRecord(),
                            partition,
                            0,
                            -1L,
                            Crc.crc32c(payload.duplicate()),
                            payload.duplicate()));
        }
        written.firstAndLast(Staging.class, number, partitions, patience);
    }

    /** Writes the ends of a checkpoint. */
    void end(long number) {
        for (int partition = 0; partition < partitions; partition++) {
            PartDigest part = new PartDigest();
            part.add(partition, Crc.crc32c(payload.duplicate()));
            send(
                    partition,
                    new End(
                            1,
                            RUN,
                            number,
                            number,
                            layout.hashRecord(),
                            partition,
                            1,
                            new Sha256(part.finish()),
                            new Sha256(new byte[32]),
                            List.of()));
        }
    }

    /** When the first and when the last partition's acknowledgement of the ends were seen by a read_committed reader. */
    long[] visibleNanos(long number, Duration patience) throws InterruptedException, TimeoutException {
        return committed.firstAndLast(Staged.class, number, partitions, patience);
    }

    @Override
    public void close() {
        written.close();
        committed.close();
        producer.close(Duration.ofSeconds(5));
    }

    private void send(int partition, SpecificRecord value) {
        byte[] key = codec.write(new DeltaKey(1, RUN, 1L, -1));
        producer.send(new ProducerRecord<>(deltas, partition, key, codec.write(value)), (metadata, failed) -> {
            if (failed != null) {
                throw new IllegalStateException("a probe could not be written", failed);
            }
        });
    }
}
