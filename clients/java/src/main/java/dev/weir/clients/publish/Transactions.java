package dev.weir.clients.publish;

import java.util.List;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends records in short transactions: an open one hides what others write behind it in the same partitions. A
 * transaction begins with its first record and ends before the record with which it would become too large or too old, or
 * without one, when {@link #endOld} finds it too old: a source of weights may take longer than the broker bears with an
 * idle transaction. Thread-safe for that.
 */
final class Transactions {

    /** Bytes of a transaction at most. */
    static final int MAX_BYTES = 64 * 1024 * 1024;

    /** How long a transaction takes records. */
    static final long MAX_NANOS = 5_000_000_000L;

    private final Producer<byte[], byte[]> producer;
    private final LongSupplier nanoTime;
    private boolean open;
    /** A commit has had no answer: it may have happened, and can only be tried again. */
    private boolean committing;
    /** Nor has an abort; until then no transaction can begin. */
    private boolean aborting;

    private long bytes;
    private long beganNanos;
    private long sentBytes;
    private long waitedNanos;
    /** What {@link #endOld} met; thrown where the publisher sends on. */
    private @Nullable KafkaException failure;

    Transactions(Producer<byte[], byte[]> producer, LongSupplier nanoTime) {
        this.producer = producer;
        this.nanoTime = nanoTime;
    }

    void send(ProducerRecord<byte[], byte[]> next) {
        sendTogether(List.of(next));
    }

    /** Sends records that must become visible at once, with as many of those before as fit. */
    synchronized void sendTogether(List<ProducerRecord<byte[], byte[]>> together) {
        long size = together.stream()
                .mapToLong(r -> r.key().length + r.value().length)
                .sum();
        throwFailure();
        if (open && (committing || bytes + size > MAX_BYTES || nanoTime.getAsLong() - beganNanos > MAX_NANOS)) {
            commit();
        }
        if (aborting) {
            abort();
        }
        if (!open) {
            producer.beginTransaction();
            open = true;
            bytes = 0;
            beganNanos = nanoTime.getAsLong();
        }
        long began = nanoTime.getAsLong();
        for (ProducerRecord<byte[], byte[]> next : together) {
            producer.send(next);
        }
        waitedNanos += nanoTime.getAsLong() - began;
        bytes += size;
        sentBytes += size;
    }

    /** Bytes of all records so far. */
    synchronized long sentBytes() {
        return sentBytes;
    }

    /** How long sending and committing have held their callers up so far. */
    synchronized long waitedNanos() {
        return waitedNanos;
    }

    /**
     * Makes what was sent visible; throws what went wrong with any record of it.
     *
     * @throws TimeoutException when the broker has not answered; the next call or record tries again
     */
    synchronized void commit() {
        throwFailure();
        if (open) {
            long began = nanoTime.getAsLong();
            end();
            waitedNanos += nanoTime.getAsLong() - began;
        }
    }

    /** Makes visible what was sent in a transaction that is too old to wait for the next record. */
    synchronized void endOld() {
        if (open && failure == null && nanoTime.getAsLong() - beganNanos > MAX_NANOS) {
            try {
                end();
            } catch (TimeoutException | InterruptException unanswered) {
                // Tried again at the next call or record.
            } catch (KafkaException e) {
                failure = e;
            }
        }
    }

    private void end() {
        try {
            producer.commitTransaction();
        } catch (TimeoutException | InterruptException unanswered) {
            committing = true;
            throw unanswered;
        } catch (RuntimeException failed) {
            // It can only be taken back now, as where a record expired before the commit was on its way.
            committing = false;
            throw failed;
        }
        committing = false;
        open = false;
    }

    private void abort() {
        try {
            producer.abortTransaction();
        } catch (TimeoutException | InterruptException unanswered) {
            aborting = true;
            throw unanswered;
        } catch (RuntimeException failed) {
            aborting = false;
            throw failed;
        }
        aborting = false;
    }

    private void throwFailure() {
        KafkaException met = failure;
        failure = null;
        if (met != null) {
            throw met;
        }
    }

    /**
     * Takes back what is not committed, as far as the broker lets us; where it does not answer, the next record tries again. What
     * a commit without an answer has committed stays, and the next record waits for that answer.
     */
    synchronized void abandon(Throwable cause) {
        KafkaException met = failure;
        failure = null;
        if (met != null) {
            cause.addSuppressed(met);
        }
        if (open && !committing) {
            open = false;
            try {
                abort();
            } catch (KafkaException | IllegalStateException e) {
                cause.addSuppressed(e);
            }
        }
    }
}
