package dev.weir.topology.replay;

import dev.weir.schemas.delta.Encoding;
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
import java.util.function.IntPredicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;

/** The deltas of a model as trainers and a coordinator wrote them, in so many partitions; run "merge", epoch 1, unless told. */
final class SmallLog {
    private static final String DELTAS = "m.deltas";
    private static final Sha256 CONTENT = new Sha256(new byte[32]);

    private final RecordCodec codec;
    private final Layout layout;
    private final List<List<ConsumerRecord<byte[], byte[]>>> partitions = new ArrayList<>();
    private final Map<TopicPartition, Long> beginnings = new HashMap<>();
    private final Map<String, List<ConsumerRecord<byte[], byte[]>>> beside = new HashMap<>();
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
        return open("merge", 1, false);
    }

    SmallLog open(String run, long epoch, boolean differences) {
        Open open = new Open(1, run, epoch, layout.hashRecord(), layout.toRecord(), differences, Map.of());
        for (int partition = 0; partition < partitions.size(); partition++) {
            append(partition, run, open);
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
        return send("merge", 1, step, -1, chunks, number -> false, companions)
                .decide("merge", 1, step, companions, verdict);
    }

    /**
     * Chunks and ends of a checkpoint.
     *
     * @param base step of the checkpoint that those of its chunks equal that did not change
     */
    SmallLog send(
            String run,
            long epoch,
            long step,
            long base,
            IntFunction<ByteBuffer> chunks,
            IntPredicate unchanged,
            List<String> companions) {
        for (int partition = 0; partition < partitions.size(); partition++) {
            PartDigest digest = new PartDigest();
            for (int number : numbers(partition, companions.size())) {
                ByteBuffer bytes = chunks.apply(number);
                int crc = Crc.crc32c(bytes);
                digest.add(number, crc);
                boolean same = unchanged.test(number);
                append(
                        partition,
                        run,
                        new Chunk(
                                1,
                                run,
                                epoch,
                                step,
                                layout.hashRecord(),
                                number,
                                (same ? Encoding.UNCHANGED : Encoding.FULL).number(),
                                same ? base : -1L,
                                crc,
                                same ? ByteBuffer.allocate(0) : bytes));
            }
            int count = digest.count();
            Sha256 part = new Sha256(digest.finish());
            append(
                    partition,
                    run,
                    new End(1, run, epoch, step, layout.hashRecord(), partition, count, part, CONTENT, companions));
        }
        return this;
    }

    /** The verdict on a checkpoint, which updates no channel. */
    SmallLog decide(String run, long epoch, long step, List<String> companions, Verdict verdict) {
        return decide(run, epoch, step, companions, verdict, Map.of());
    }

    /**
     * As above.
     *
     * @param provenance what the run says that it descends from
     */
    SmallLog decide(
            String run,
            long epoch,
            long step,
            List<String> companions,
            Verdict verdict,
            Map<String, String> provenance) {
        boolean accepted = verdict == Verdict.COMMIT;
        return coordinator(new Decision(
                1,
                ++seq,
                run,
                epoch,
                step,
                verdict,
                accepted ? "" : "why: so",
                accepted ? layout.hashRecord() : CONTENT,
                CONTENT,
                List.of(),
                Map.of(),
                Map.of(),
                companions,
                provenance));
    }

    /** Number of the newest decision or plan. */
    long seq() {
        return seq;
    }

    /** Offset of the next record of a partition. */
    long end(int partition) {
        return partitions.get(partition).size();
    }

    /** Another topic of one partition than deltas. */
    SmallLog beside(String topic, SpecificRecord record) {
        List<ConsumerRecord<byte[], byte[]>> records = beside.computeIfAbsent(topic, name -> new ArrayList<>());
        records.add(new ConsumerRecord<>(topic, 0, records.size(), new byte[0], codec.write(record)));
        return this;
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

    /** Retention has taken the first records of a partition, so many in all; nothing is written afterwards. */
    SmallLog cut(int partition, int records) {
        TopicPartition source = new TopicPartition(DELTAS, partition);
        int gone = beginnings.getOrDefault(source, 0L).intValue();
        partitions.get(partition).subList(0, records - gone).clear();
        beginnings.put(source, (long) records);
        return this;
    }

    RecordCodec codec() {
        return codec;
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
                assigned.forEach(one -> records(one).forEach(this::addRecord));
            }
        };
        Map<TopicPartition, Long> ends = new HashMap<>();
        for (String topic : List.of("m.snapshots", "m.keyframes")) {
            TopicPartition one = new TopicPartition(topic, 0);
            consumer.updateBeginningOffsets(Map.of(one, 0L));
            ends.put(one, (long) records(one).size());
        }
        consumer.updateBeginningOffsets(beginnings);
        beginnings.forEach((partition, first) -> ends.put(
                partition, first + partitions.get(partition.partition()).size()));
        consumer.updateEndOffsets(ends);
        return consumer;
    }

    private List<ConsumerRecord<byte[], byte[]>> records(TopicPartition source) {
        return source.topic().equals(DELTAS)
                ? partitions.get(source.partition())
                : beside.getOrDefault(source.topic(), List.of());
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
