package dev.weir.topology.merge;

import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.RegistryException;
import dev.weir.topology.coordinate.BaselineRun;
import dev.weir.topology.store.FoldException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acceptances that a fold is going to meet in its log, as the topic of decisions has them: the coordinator writes each to both
 * in one transaction. Where a log is read that is there already, the chunks of the checkpoint that is decided next enter as they
 * come, instead of waiting in memory or being read twice. Nothing depends on what is known here but time.
 */
final class Foresight {
    /** So many of the topic's newest offsets are read: far more than lie behind a keyframe. */
    private static final long NEWEST = 4096;

    /** Of records that are kept; what comes behind them waits for its decision. */
    private static final int BYTES = 16 << 20;

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Foresight.class);

    private final String topic;
    private final long until;
    private final Map<Long, Decision> acceptances = new HashMap<>();
    private long newestRead;
    /** The one of which a chunk has entered. */
    private @Nullable Decision begun;

    private int entered;

    /**
     * Knows nothing yet.
     *
     * @param topic of decisions, for messages
     * @param until offset in the log at which nothing is known any more
     */
    Foresight(String topic, long until) {
        this.topic = topic;
        this.until = until;
    }

    /** Knows nothing, and never will. */
    static Foresight none() {
        return new Foresight("", 0);
    }

    /**
     * What the topic of decisions has last; nothing where it cannot be read within ten seconds, or where the log has nothing to
     * fold.
     *
     * @param log the partition that is folded
     * @param from the offset from which on it is
     * @param seq the newest decision that the fold contains already
     */
    static Foresight read(
            String topic,
            TopicPartition log,
            long from,
            long seq,
            RecordCodec codec,
            Supplier<Consumer<byte[], byte[]>> consumers) {
        TopicPartition source = new TopicPartition(topic, 0);
        Foresight foresight = none();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (Consumer<byte[], byte[]> consumer = consumers.get()) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(List.of(source, log), PATIENCE);
            long until = ends.getOrDefault(log, 0L);
            if (until <= from) {
                return foresight;
            }
            foresight = new Foresight(topic, until);
            List<TopicPartition> one = List.of(source);
            long end = ends.getOrDefault(source, 0L);
            long begin = consumer.beginningOffsets(one, left(deadline)).getOrDefault(source, 0L);
            consumer.assign(one);
            consumer.seek(source, Math.max(begin, end - NEWEST));
            int bytes = 0;
            while (consumer.position(source) < end && bytes < BYTES && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    Decision decision = decision(record, codec);
                    if (decision != null) {
                        foresight.add(decision);
                        bytes += decision.getSeq() > seq ? record.serializedValueSize() : 0;
                    }
                }
            }
            foresight.acceptances.keySet().removeIf(folded -> folded <= seq);
        } catch (KafkaException | RegistryException unread) {
            LOG.warn(
                    "{} or the end of {} cannot be read, so that the log is folded without knowing what was accepted, which"
                            + " takes longer",
                    source,
                    log,
                    unread);
        }
        return foresight;
    }

    private static Duration left(long deadline) {
        return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
    }

    private static @Nullable Decision decision(ConsumerRecord<byte[], byte[]> record, RecordCodec codec) {
        try {
            return record.value() != null
                            && codec.read(record.value(), record.headers(), false) instanceof Decision decision
                    ? decision
                    : null;
        } catch (BadRecordException foreign) {
            // The coordinator did not write it.
            return null;
        }
    }

    /**
     * Takes a decision of the topic; the baseline's, and those that accept nothing, say nothing about chunks. Where numbers
     * begin again, what lies before is of an earlier model of this name.
     */
    void add(Decision decision) {
        if (decision.getSeq() <= newestRead) {
            acceptances.clear();
        }
        newestRead = decision.getSeq();
        if (decision.getVerdict() == Verdict.COMMIT && !decision.getRun().equals(BaselineRun.NAME)) {
            acceptances.put(decision.getSeq(), decision);
        }
    }

    /**
     * The acceptance of this chunk's checkpoint, if nothing else is decided before it.
     *
     * @param seq the newest decision that was folded
     * @param offset the chunk's in the log
     */
    @Nullable
    Decision next(long seq, Chunk chunk, long offset) {
        Decision next = acceptances.get(seq + 1);
        return next != null
                        && offset < until
                        && next.getRun().equals(chunk.getRun())
                        && next.getEpoch() == chunk.getEpoch()
                        && next.getStep() == chunk.getStep()
                        && next.getLayoutHash().equals(chunk.getLayoutHash())
                ? next
                : null;
    }

    /** A chunk has entered by this acceptance. */
    void begin(Decision decision) {
        begun = decision;
        entered++;
    }

    /** Chunks that have entered before their decision came. */
    int entered() {
        return entered;
    }

    /**
     * A decision, a combination or a plan has come in the log.
     *
     * @throws FoldException when chunks have entered by something else
     */
    void decided(long seq, SpecificRecord record, String where) {
        acceptances.remove(seq);
        Decision expected = begun;
        begun = null;
        if (expected != null && !expected.equals(record)) {
            throw new FoldException(
                    where + ": " + topic + " has another decision " + expected.getSeq() + " than the log",
                    "delete the records of " + topic + ", which only those need who wait for an answer");
        }
    }
}
