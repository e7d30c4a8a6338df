package dev.weir.topology.replay;

import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.coordinate.BaselineRun;
import dev.weir.topology.coordinate.OtherPlan;
import dev.weir.topology.merge.PartitionFold;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.store.FoldException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Folds the accepted checkpoints of a model's log into the channels of another plan, apart from the running application: in
 * no consumer group, from the log's beginning, writing to no topic. Partition 0 is read once before, for its decisions; then
 * all partitions go on side by side from decision to decision, and what each emits goes straight into the version's file. In
 * memory are the channels' states and what waits for its decision, up to a budget.
 *
 * <p>Where the beginning is gone, all partitions are read once before, to find where what is left can be folded from.
 */
public final class PlannedReplay {
    /** Bytes of undecided checkpoints that a partition holds; the rest is read again. */
    private static final long STAGING_BYTES = 256L << 20;

    /** Takes a version when its weights are complete; the file is its to move or to delete. */
    public interface Versions {
        void complete(Manifest manifest, Path weights);
    }

    /**
     * What was folded.
     *
     * @param records records of deltas that were folded
     * @param checkpoints checkpoints that the log accepted
     * @param lastSeq number of the newest decision that was folded
     * @param versions versions that were emitted of each channel that was asked for
     * @param retained what was left of the log; null: all of it
     */
    public record Report(
            long records,
            long checkpoints,
            long lastSeq,
            Map<String, Integer> versions,
            @Nullable Retained retained) {}

    private final Topics topics;
    private final RecordCodec codec;
    private final int partitions;
    private final int threads;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final AtomicLong scanned = new AtomicLong();
    private volatile List<PartitionLog> logs = List.of();
    private volatile long total = 1;

    /**
     * @param partitions partitions of deltas
     * @param threads how many partitions are folded at a time
     * @param consumers opens read_committed consumers that subscribe to nothing
     */
    public PlannedReplay(
            Topics topics,
            RecordCodec codec,
            int partitions,
            int threads,
            Supplier<Consumer<byte[], byte[]>> consumers) {
        this.topics = topics;
        this.codec = codec;
        this.partitions = partitions;
        this.threads = threads;
        this.consumers = consumers;
    }

    /** How much of the log was read, in [0, 1]; for other threads. */
    public double done() {
        long read =
                scanned.get() + logs.stream().mapToLong(PartitionLog::records).sum();
        return Math.min(1, read / (double) total);
    }

    /**
     * Folds the log as it is now.
     *
     * @param plan the other plan
     * @param channels those of its channels whose versions are wanted
     * @param all whether all their versions are; else the newest of each
     * @param fromRetained whether what is left is folded where the log's beginning is gone
     * @param work a directory for files that are not complete yet
     * @throws BeginningGoneException when it is gone and that was not asked for
     * @throws FoldException when nothing of the log can be folded, or it contradicts itself
     */
    public Report run(Plan plan, Set<String> channels, boolean all, boolean fromRetained, Path work, Versions complete)
            throws InterruptedException {
        List<PlannedPartition> folds = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<PartitionLog> opened = new ArrayList<>();
            logs = opened;
            for (int partition = 0; partition < partitions; partition++) {
                opened.add(new PartitionLog(new TopicPartition(topics.deltas(), partition), consumers.get()));
            }
            logs = List.copyOf(opened);
            RetainedLog.Part part = part(fromRetained);
            OtherPlan other = new OtherPlan(plan, partitions);
            Ahead ahead = lookAhead(plan, other, part);
            for (PartitionLog log : logs) {
                PartitionFold fold =
                        PartitionFold.replaying(log.partition(), partitions, codec, consumers, STAGING_BYTES);
                long firstSeq = part == null ? 1 : part.firstSeq();
                PlannedPartition folded =
                        new PlannedPartition(log, fold, codec, other.planJson(), firstSeq, ahead.lastSeq);
                folds.add(folded);
                if (part != null) {
                    int partition = log.partition().partition();
                    log.begin(part.starts().get(partition));
                    part.opens().get(partition).forEach(folded::open);
                }
            }
            long fromSeq = part == null ? 0 : part.retained().firstSeq();
            NewestVersions versions = new NewestVersions(channels, channel -> !all && other.selects(channel), complete);
            while (true) {
                List<@Nullable Decision> made = all(
                        pool,
                        folds.stream()
                                .<Callable<@Nullable Decision>>map(fold -> fold::next)
                                .toList());
                Decision decision = made.getFirst();
                for (int partition = 0; partition < partitions; partition++) {
                    checkSame(decision, made.get(partition), partition);
                }
                if (decision == null) {
                    versions.end();
                    long records =
                            logs.stream().mapToLong(PartitionLog::records).sum();
                    return new Report(
                            records,
                            ahead.checkpoints,
                            ahead.lastSeq,
                            versions.counts(),
                            part == null ? null : part.retained());
                }
                List<Map<String, List<Double>>> reduced = other.reduces()
                        ? all(
                                pool,
                                folds.stream()
                                        .<Callable<Map<String, List<Double>>>>map(fold -> () -> fold.reduced(decision))
                                        .toList())
                        : List.of();
                Decision decided = other.emitting(
                        other.decide(decision, reduced),
                        channel -> channels.contains(channel)
                                && (all
                                        || other.selects(channel)
                                        || decision.getSeq() == ahead.newest.getOrDefault(channel, 0L)));
                try (VersionFiles files = new VersionFiles(decided, other, fromSeq, work)) {
                    List<@Nullable Applied> applied = all(
                            pool,
                            folds.stream()
                                    .<Callable<@Nullable Applied>>map(fold -> () -> fold.decide(decided, files::write))
                                    .toList());
                    files.finish(applied, versions);
                }
            }
        } catch (OffsetOutOfRangeException deleted) {
            throw new FoldException(
                    "records were deleted from " + topics.deltas() + " before they were read: " + deleted.getMessage(),
                    "run it again");
        } finally {
            logs.forEach(PartitionLog::close);
            folds.forEach(PlannedPartition::close);
        }
    }

    /** What the decisions say before the checkpoints are folded: the newest of all, and of those at which a channel emits. */
    private static final class Ahead {
        private final OtherPlan rehearsal;
        private final Map<String, Long> newest = new HashMap<>();
        private long lastSeq;
        private long checkpoints;

        Ahead(OtherPlan rehearsal) {
            this.rehearsal = rehearsal;
        }

        void take(Decision made) {
            lastSeq = made.getSeq();
            Decision decided = rehearsal.decide(made);
            boolean checkpoint =
                    made.getVerdict() == Verdict.COMMIT && !made.getRun().equals(BaselineRun.NAME);
            checkpoints += checkpoint ? 1 : 0;
            decided.getUpdates().stream()
                    .filter(update -> update.getVersion() > 0)
                    .map(ChannelUpdate::getChannel)
                    .forEach(channel -> newest.put(channel, made.getSeq()));
        }
    }

    /** What can be folded where the beginning is gone; null: it is there. */
    private RetainedLog.@Nullable Part part(boolean fromRetained) {
        Map<TopicPartition, Long> ends = LogScan.ends(consumers, topics.deltas(), partitions);
        List<Long> left = logs.stream()
                .map(log -> ends.getOrDefault(log.partition(), 0L) - log.start())
                .toList();
        long all = left.stream().mapToLong(Long::longValue).sum();
        PartitionLog cut =
                logs.stream().filter(log -> log.start() > 0).findFirst().orElse(null);
        total = Math.max(1, all + (cut == null ? left.getFirst() : all));
        if (cut == null) {
            return null;
        }
        RetainedLog.Part part = new RetainedLog(topics, codec, partitions, consumers).read(scanned::incrementAndGet);
        if (!fromRetained) {
            Retained retained = part.retained();
            throw new BeginningGoneException(
                    cut.gone() + "; from decision " + retained.firstSeq()
                            + " on everything is there that was accepted, " + retained.checkpoints() + " checkpoints; "
                            + cut.remedy(),
                    retained);
        }
        return part;
    }

    private Ahead lookAhead(Plan plan, OtherPlan other, RetainedLog.@Nullable Part part) {
        OtherPlan rehearsal = new OtherPlan(plan, partitions);
        Ahead ahead = new Ahead(rehearsal);
        if (part != null) {
            rehearsal.announce(part.layout());
            other.announce(part.layout());
            part.decisions().forEach(ahead::take);
            return ahead;
        }
        LogScan.of(
                consumers,
                topics.deltas(),
                1,
                (record, value) -> {
                    scanned.incrementAndGet();
                    switch (value) {
                        case Open open -> {
                            rehearsal.opened(open);
                            other.opened(open);
                        }
                        case Decision made -> ahead.take(made);
                        case null, default -> {}
                    }
                },
                codec);
        return ahead;
    }

    private void checkSame(@Nullable Decision first, @Nullable Decision other, int partition) {
        long one = first == null ? 0 : first.getSeq();
        long two = other == null ? 0 : other.getSeq();
        if (one != two) {
            throw new FoldException(topics.deltas() + "-" + partition + ": decision " + two
                    + " comes where partition 0 has decision " + one + "; the log contradicts itself");
        }
    }

    private static <T extends @Nullable Object> List<T> all(ExecutorService pool, List<Callable<T>> tasks)
            throws InterruptedException {
        List<T> results = new ArrayList<>();
        for (var future : pool.invokeAll(tasks)) {
            results.add(Replay.result(future));
        }
        return results;
    }
}
