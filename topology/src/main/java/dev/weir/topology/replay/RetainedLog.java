package dev.weir.topology.replay;

import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.TensorLayout;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.coordinate.BaselineRun;
import dev.weir.topology.store.FoldException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Finds in a log whose beginning is gone the decision from which on every accepted checkpoint is whole in every partition, and
 * what the records before would have told of its runs. Reads every partition once. What retention deletes meanwhile counts as
 * gone: a model that is trained on loses some every few seconds.
 */
final class RetainedLog {
    /**
     * The part that can be folded.
     *
     * @param retained of what it consists
     * @param firstSeq number of the first decision to fold; a baseline's may come before that of the first checkpoint
     * @param decisions from that one on to the last that was seen in every partition, without updates
     * @param layout the model's
     * @param starts by partition, the first offset that is left
     * @param opens by partition, the OPENs that are gone
     */
    record Part(
            Retained retained,
            long firstSeq,
            List<Decision> decisions,
            Layout layout,
            List<Long> starts,
            List<List<Open>> opens) {}

    private final Topics topics;
    private final RecordCodec codec;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final List<RetainedPartition> partitions = new ArrayList<>();
    /** As any partition has them, without updates. */
    private final TreeMap<Long, Decision> decisions = new TreeMap<>();
    /** Accepted checkpoints of trainers by decision; the layout is the model's. */
    private final TreeMap<Long, Sha256> accepted = new TreeMap<>();

    private final Map<Sha256, Layout> layouts = new HashMap<>();
    /** Of partition 0's newest keyframe; null: there is none. */
    private @Nullable KeyframeHead newest;

    RetainedLog(Topics topics, RecordCodec codec, int count, Supplier<Consumer<byte[], byte[]>> consumers) {
        this.topics = topics;
        this.codec = codec;
        this.consumers = consumers;
        for (int partition = 0; partition < count; partition++) {
            partitions.add(new RetainedPartition(partition));
        }
    }

    /**
     * Reads the log as it is now.
     *
     * @param scanned told of every record
     * @throws FoldException when nothing that was accepted is whole
     */
    Part read(Runnable scanned) {
        // Before the log, which then has the decisions that they count, but for what retention has deleted.
        LogScan.of(consumers, topics.keyframes(), 1, (record, value) -> keyframe(value), codec);
        LogScan.of(
                consumers,
                topics.deltas(),
                partitions.size(),
                (record, value) -> {
                    scanned.run();
                    take(record.partition(), value, record.offset());
                },
                codec);
        // Before anybody asks what is left, for it takes time.
        Layout layout = accepted.isEmpty() ? null : layout(accepted.lastEntry().getValue());
        List<Long> starts = starts();
        long known = Long.MAX_VALUE;
        long last = Long.MAX_VALUE;
        long broken = 0;
        String why = "";
        for (int i = 0; i < partitions.size(); i++) {
            RetainedPartition partition = partitions.get(i);
            known = partition.firstSeq() == 0 ? known : Math.min(known, partition.firstSeq());
            // Where no decision is left, the last one is 0, and nothing is found.
            last = Math.min(last, partition.lastSeq());
            long here = Math.max(partition.firstSeq() - 1, partition.brokenSeq(starts.get(i)));
            if (here > broken) {
                broken = here;
                why = partition.broken().isEmpty() ? why : ": " + partition.broken();
            }
        }
        long first = partitions.getFirst().acceptedFrom(broken + 1);
        NavigableMap<Long, Sha256> whole = accepted.subMap(first, true, Math.max(first, last), true);
        if (first == 0 || first > last || whole.isEmpty()) {
            throw new FoldException(
                    "the beginning of " + topics.deltas() + " is gone, and behind it nothing that was"
                            + " accepted is whole in every partition" + why,
                    "publish more, or bring the log back from a replica or a backup");
        }
        if (layout == null) {
            throw new FoldException(
                    "the beginning of " + topics.deltas() + " is gone, and with it the layout of its"
                            + " checkpoints: no open behind it, no manifest in " + topics.snapshots()
                            + " and no keyframe in "
                            + topics.keyframes() + " has it",
                    "open a run with the same tensors, which announces it again");
        }
        long firstSeq = whole.firstKey();
        List<List<Open>> opens = new ArrayList<>();
        for (int i = 0; i < partitions.size(); i++) {
            opens.add(partitions.get(i).opens(layout, starts.get(i)));
        }
        return new Part(
                new Retained(
                        firstSeq,
                        whole.size(),
                        known,
                        accepted.headMap(firstSeq).size(),
                        gone(known)),
                first,
                List.copyOf(decisions.subMap(first, true, last, true).values()),
                layout,
                starts,
                opens);
    }

    /** What decisions before that one accepted. A keyframe counts from decision 1 on; of later ones the log tells. */
    private OptionalLong gone(long known) {
        long counted = newest == null ? 0 : newest.getSeq();
        if (counted + 1 < known) {
            return OptionalLong.empty();
        }
        long before = newest == null ? 0 : newest.getCounters().getOrDefault("committed", 0L);
        return OptionalLong.of(before
                - decisions.headMap(counted, true).values().stream()
                        .filter(decision -> decision.getVerdict() == Verdict.COMMIT)
                        .count());
    }

    private List<Long> starts() {
        List<TopicPartition> all = new ArrayList<>();
        for (int partition = 0; partition < partitions.size(); partition++) {
            all.add(new TopicPartition(topics.deltas(), partition));
        }
        try (Consumer<byte[], byte[]> consumer = consumers.get()) {
            Map<TopicPartition, Long> starts = consumer.beginningOffsets(all);
            return all.stream().map(one -> starts.getOrDefault(one, 0L)).toList();
        }
    }

    private void take(int partition, @Nullable SpecificRecord value, long offset) {
        if (value instanceof Open open) {
            offer(open.getLayoutHash(), open.getLayout());
        }
        if (value instanceof Decision decision) {
            if (decision.getVerdict() == Verdict.COMMIT && !decision.getRun().equals(BaselineRun.NAME)) {
                accepted.put(decision.getSeq(), decision.getLayoutHash());
            }
            decision.put("updates", List.of());
            decisions.put(decision.getSeq(), decision);
        }
        partitions.get(partition).take(value, offset);
    }

    /** Whoever has a layout with this hash has the right one: it names the content. */
    private @Nullable Layout layout(Sha256 hash) {
        if (!layouts.containsKey(hash)) {
            LogScan.of(consumers, topics.snapshots(), 1, (record, value) -> manifest(value), codec);
        }
        return layouts.get(hash);
    }

    private void manifest(@Nullable SpecificRecord value) {
        if (value instanceof Manifest manifest) {
            offer(manifest.getLayoutHash(), manifest.getLayout());
        }
    }

    private void keyframe(@Nullable SpecificRecord value) {
        if (value instanceof KeyframeHead head) {
            newest = head;
            head.getLayouts().forEach(this::offer);
        }
    }

    private void offer(Sha256 named, TensorLayout layout) {
        if (!layouts.containsKey(named)) {
            offer(layout);
        }
    }

    private void offer(TensorLayout record) {
        try {
            Layout layout = Layout.fromRecord(record);
            layouts.put(layout.hashRecord(), layout);
        } catch (IllegalArgumentException invalid) {
            // No checkpoint with such a layout was ever accepted.
        }
    }
}
