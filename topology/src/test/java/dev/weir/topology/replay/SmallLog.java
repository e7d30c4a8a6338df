package dev.weir.topology.replay;

import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Companions;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.wire.RecordCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;

/** The deltas of a model as trainers and a coordinator wrote them, in so many partitions; run "merge", epoch 1. */
final class SmallLog {
    private static final String DELTAS = "m.deltas";
    private static final Sha256 CONTENT = new Sha256(new byte[32]);

    private final RecordCodec codec;
    private final Layout layout;
    private final List<List<ConsumerRecord<byte[], byte[]>>> partitions = new ArrayList<>();
    private final Map<TopicPartition, Long> beginnings = new HashMap<>();
    private long seq;

    SmallLog(RecordCodec codec, Layout layout, int count) {
        this.codec = codec;
        this.layout = layout;
        for (int partition = 0; partition < count; partition++) {
            partitions.add(new ArrayList<>());
            beginnings.put(new TopicPartition(DELTAS, partition), 0L);
        }
    }

    SmallLog plan(String json) {
        return coordinator(new Plan(1, ++seq, "p", json, ""));
    }

    SmallLog open() {
        Open open = new Open(1, "merge", 1L, layout.hashRecord(), layout.toRecord(), false);
        for (int partition = 0; partition < partitions.size(); partition++) {
            append(partition, "merge", open);
        }
        return this;
    }

    /** A checkpoint and its verdict, which updates no channel: another plan has none of the log's. */
    SmallLog checkpoint(long step, IntFunction<ByteBuffer> chunks, Verdict verdict) {
        return checkpoint(step, chunks, List.of(), verdict);
    }

    /**
     * As above, with companions.
     *
     * @param chunks also of theirs, by their numbers
     */
    SmallLog checkpoint(long step, IntFunction<ByteBuffer> chunks, List<String> companions, Verdict verdict) {
        for (int partition = 0; partition < partitions.size(); partition++) {
            PartDigest digest = new PartDigest();
            for (int number : numbers(partition, companions.size())) {
                ByteBuffer bytes = chunks.apply(number);
                int crc = Crc.crc32c(bytes);
                digest.add(number, crc);
                append(
                        partition,
                        "merge",
                        new Chunk(1, "merge", 1L, step, layout.hashRecord(), number, 0, -1L, crc, bytes));
            }
            int count = digest.count();
            Sha256 part = new Sha256(digest.finish());
            append(
                    partition,
                    "merge",
                    new End(1, "merge", 1L, step, layout.hashRecord(), partition, count, part, CONTENT, companions));
        }
        boolean accepted = verdict == Verdict.COMMIT;
        return coordinator(new Decision(
                1,
                ++seq,
                "merge",
                1L,
                step,
                verdict,
                accepted ? "" : "why: so",
                accepted ? layout.hashRecord() : CONTENT,
                CONTENT,
                List.of(),
                Map.of(),
                Map.of(),
                companions));
    }

    /** Numbers of the chunks in a partition, those of companions behind the weights'. */
    private List<Integer> numbers(int partition, int companions) {
        List<Integer> numbers = new ArrayList<>();
        for (int companion = 0; companion <= companions; companion++) {
            for (int number = partition; number < layout.chunkCount(); number += partitions.size()) {
                ChunkSpec chunk = layout.chunk(number);
                if (companion == 0 || Companions.have(layout, chunk)) {
                    numbers.add(Companions.number(layout, companion, number));
                }
            }
        }
        return numbers;
    }

    /** Retention has taken the first records of a partition. */
    SmallLog cut(int partition, int records) {
        partitions.get(partition).subList(0, records).clear();
        beginnings.put(new TopicPartition(DELTAS, partition), (long) records);
        return this;
    }

    int partitionCount() {
        return partitions.size();
    }

    int records() {
        return partitions.stream().mapToInt(List::size).sum();
    }

    /** A consumer of this log. */
    Consumer<byte[], byte[]> consumer() {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none") {
            @Override
            public synchronized void assign(Collection<TopicPartition> assigned) {
                super.assign(assigned);
                assigned.forEach(one -> partitions.get(one.partition()).forEach(this::addRecord));
            }
        };
        consumer.updateBeginningOffsets(beginnings);
        Map<TopicPartition, Long> ends = new HashMap<>();
        beginnings.forEach((partition, first) -> ends.put(
                partition, first + partitions.get(partition.partition()).size()));
        consumer.updateEndOffsets(ends);
        return consumer;
    }

    private SmallLog coordinator(SpecificRecord record) {
        for (int partition = 0; partition < partitions.size(); partition++) {
            append(partition, "", record);
        }
        return this;
    }

    private void append(int partition, String run, SpecificRecord record) {
        List<ConsumerRecord<byte[], byte[]>> log = partitions.get(partition);
        byte[] key = codec.write(new DeltaKey(1, run, 0L, -1));
        log.add(new ConsumerRecord<>(DELTAS, partition, log.size(), key, codec.write(record)));
    }
}
