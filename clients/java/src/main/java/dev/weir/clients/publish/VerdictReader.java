package dev.weir.clients.publish;

import dev.weir.clients.ClientException;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.SnapshotKey;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.RegistryException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Follows decisions and manifests from the moment it is made, and says what became of the checkpoints of one epoch. The
 * manifests of a channel appear in order of their versions, so the newest one seen answers for all before it.
 */
final class VerdictReader implements AutoCloseable {

    /** Decisions that are kept for who awaits them, beyond what any publisher has in flight. */
    static final int KEPT = 256;

    /** Waits for decisions, at times for long: a broker is not asked more often than it must be. */
    static final Map<String, Object> TUNING = Map.of("fetch.max.wait.ms", 100);

    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> consumer;
    private final RecordCodec codec;
    private final String bootstrap;
    private final TopicPartition decisionLog;
    private final TopicPartition snapshotLog;
    private final String run;
    /** In their order in the log. */
    private final Map<CheckpointId, Decision> decided = new LinkedHashMap<>();

    private final Map<String, Long> complete = new HashMap<>();
    private boolean fromBeginning;
    /** The newest one that was dropped from {@link #decided} before anybody awaited it. */
    private CheckpointId dropped = new CheckpointId(-1, -1);

    private record CheckpointId(long epoch, long step) {}

    /**
     * @param consumer read_committed, given up to this reader
     */
    VerdictReader(Consumer<byte[], byte[]> consumer, RecordCodec codec, Topics topics, String run, String bootstrap) {
        this.consumer = consumer;
        this.codec = codec;
        this.bootstrap = bootstrap;
        this.run = run;
        decisionLog = new TopicPartition(topics.decisions(), 0);
        snapshotLog = new TopicPartition(topics.snapshots(), 0);
        List<TopicPartition> logs = List.of(decisionLog, snapshotLog);
        consumer.assign(logs);
        consumer.endOffsets(logs).forEach(consumer::seek);
    }

    /**
     * Waits for the decision alone.
     *
     * @param settled whether somebody else has had it meanwhile
     */
    void awaitDecision(long epoch, long step, Duration timeout, BooleanSupplier settled) {
        long deadline = System.nanoTime() + timeout.toNanos();
        String checkpoint = "checkpoint of run " + run + " step " + step;
        try {
            while (decision(epoch, step) == null && !settled.getAsBoolean()) {
                poll(deadline, timeout, checkpoint, "has no decision");
            }
        } catch (KafkaException e) {
            throw ClientException.ofKafka(checkpoint, bootstrap, e);
        }
    }

    /** Reads every decision that is in the log now. */
    void catchUp(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            long end = endOfDecisions();
            while (position() < end) {
                poll(deadline, timeout, "run " + run, "has decisions that cannot be read");
            }
        } catch (KafkaException e) {
            throw ClientException.ofKafka("run " + run, bootstrap, e);
        }
    }

    private synchronized long endOfDecisions() {
        return consumer.endOffsets(List.of(decisionLog)).getOrDefault(decisionLog, 0L);
    }

    private synchronized long position() {
        return consumer.position(decisionLog);
    }

    /** What is known of a checkpoint's decision; null: not decided so far. */
    @Nullable
    Verdict verdict(long epoch, long step) {
        Decision decision = decision(epoch, step);
        return decision == null ? null : decision.getVerdict();
    }

    /** Waits for the decision and for the snapshots due from it. */
    Outcome await(long epoch, long step, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        String checkpoint = "checkpoint of run " + run + " step " + step;
        try {
            Decision decision;
            while ((decision = decision(epoch, step)) == null) {
                poll(deadline, timeout, checkpoint, "has no decision");
            }
            Map<String, Long> due = due(decision);
            if (decision.getVerdict() != Verdict.COMMIT && !duplicate(decision)) {
                forget(epoch, step);
                return refused(decision);
            }
            while (!missing(due).isEmpty()) {
                if (duplicate(decision)) {
                    fromBeginning();
                }
                String waits = "is accepted as decision " + decision.getSeq() + ", but snapshots are not complete: "
                        + missing(due);
                poll(deadline, timeout, checkpoint, waits);
            }
            forget(epoch, step);
            return duplicate(decision)
                    ? new Outcome.Duplicate(decision.getSeq(), due, decision.getReason())
                    : new Outcome.Accepted(decision.getSeq(), due, decision.getPassedBy());
        } catch (KafkaException e) {
            throw ClientException.ofKafka(checkpoint, bootstrap, e);
        }
    }

    @Override
    public synchronized void close() {
        consumer.close();
    }

    /** The manifests of the first acceptance may be older than this reader. */
    private synchronized void fromBeginning() {
        if (!fromBeginning) {
            fromBeginning = true;
            consumer.seekToBeginning(List.of(snapshotLog));
        }
    }

    private synchronized @Nullable Decision decision(long epoch, long step) {
        Decision decision = decided.get(new CheckpointId(epoch, step));
        if (decision == null && epoch == dropped.epoch() && step <= dropped.step()) {
            throw new ClientException(
                    ClientException.Reason.INVALID,
                    "checkpoint of run " + run + " step " + step,
                    "was decided before step " + dropped.step() + ", whose decision is no longer kept either",
                    "allowed: to await one of the newest " + KEPT + " steps",
                    "await each step, or none");
        }
        return decision;
    }

    private void keep(Decision decision) {
        decided.putIfAbsent(new CheckpointId(decision.getEpoch(), decision.getStep()), decision);
        if (decided.size() > KEPT) {
            CheckpointId oldest = decided.keySet().iterator().next();
            decided.remove(oldest);
            boolean newer = oldest.epoch() > dropped.epoch()
                    || (oldest.epoch() == dropped.epoch() && oldest.step() > dropped.step());
            dropped = newer ? oldest : dropped;
        }
    }

    private synchronized void forget(long epoch, long step) {
        decided.remove(new CheckpointId(epoch, step));
    }

    /** Kafka's consumer is not thread-safe; who sends and who awaits take turns. */
    private synchronized void poll(long deadline, Duration timeout, String checkpoint, String waits) {
        if (System.nanoTime() - deadline >= 0) {
            throw new ClientException(
                    ClientException.Reason.TIMEOUT,
                    checkpoint,
                    waits + " after " + timeout.toMillis() + " ms",
                    "the application may be down",
                    "see `weir status`");
        }
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
        Map<TopicPartition, Long> nextOffsets = new HashMap<>();
        polled.partitions()
                .forEach(log -> nextOffsets.put(log, polled.records(log).get(0).offset()));
        for (ConsumerRecord<byte[], byte[]> next : polled) {
            try {
                take(next);
            } catch (BadRecordException foreign) {
                // It says nothing to us.
            } catch (RegistryException away) {
                // It and those behind it are read again by who asks next.
                nextOffsets.forEach(consumer::seek);
                throw ClientException.ofRegistry(checkpoint, away);
            }
            nextOffsets.put(new TopicPartition(next.topic(), next.partition()), next.offset() + 1);
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> next) {
        if (next.value() == null) {
            return;
        }
        if (next.topic().equals(snapshotLog.topic())) {
            SnapshotKey key = codec.read(next.key(), SnapshotKey.class);
            complete.merge(key.getChannel(), key.getVersion(), Math::max);
            return;
        }
        SpecificRecord value = codec.read(next.value(), next.headers(), false);
        if (value instanceof Decision decision && decision.getRun().equals(run)) {
            keep(decision);
        }
    }

    private Outcome refused(Decision decision) {
        if (decision.getReason().startsWith("superseded:")) {
            throw new ClientException(
                    ClientException.Reason.FENCED,
                    "run " + run,
                    "fenced by a newer publisher of the same run (" + decision.getReason() + ")",
                    "allowed: one publisher at a time for each run",
                    "publish again once no other publisher of this run is at work");
        }
        return new Outcome.Rejected(decision.getSeq(), decision.getReason());
    }

    private static boolean duplicate(Decision decision) {
        return decision.getVerdict() == Verdict.REJECT && decision.getReason().startsWith("duplicate:");
    }

    private static Map<String, Long> due(Decision decision) {
        Map<String, Long> due = new TreeMap<>();
        for (ChannelUpdate update : decision.getUpdates()) {
            if (update.getVersion() > 0) {
                due.put(update.getChannel(), update.getVersion());
            }
        }
        return due;
    }

    private synchronized Map<String, Long> missing(Map<String, Long> due) {
        Map<String, Long> missing = new TreeMap<>();
        due.forEach((channel, version) -> {
            if (complete.getOrDefault(channel, 0L) < version) {
                missing.put(channel, version);
            }
        });
        return missing;
    }
}
