package dev.weir.clients.promote;

import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.BaselineMoves;
import dev.weir.schemas.wire.RecordCodec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Reads the verdicts of a model from the first one on, and keeps which of them is in force. Not thread-safe. */
public final class PromotionLog {

    private final LogReader log;
    private final RecordCodec codec;
    private final Map<Subject, Promotion> firsts = new HashMap<>();
    private long next = -1;
    private @Nullable Promotion inForce;
    private long inForceSinceMs;

    /**
     * A reader that has read nothing yet.
     *
     * @param log of the model's promotions; the caller closes it
     * @param codec reads its records
     */
    public PromotionLog(LogReader log, RecordCodec codec) {
        this.log = log;
        this.codec = codec;
    }

    /** Reads the verdicts that have come since the last time, and hands each over. */
    public void catchUp(Consumer<Promotion> each) {
        long end = log.end();
        long from = Math.max(next, log.begin());
        if (from < end) {
            log.read(from, end, record -> take(record, each));
        }
        next = Math.max(end, from);
    }

    /** The verdict that made the baseline what it is, as of the last {@link #catchUp}. */
    public Optional<Promotion> inForce() {
        return Optional.ofNullable(inForce);
    }

    /** When that verdict was written, by its record; milliseconds since 1970, 0 where there is none. */
    public long inForceSinceMs() {
        return inForceSinceMs;
    }

    /** The verdict that put a subject in service for the first time, as of the last {@link #catchUp}. */
    public Optional<Promotion> firstOf(Subject subject) {
        return Optional.ofNullable(firsts.get(subject));
    }

    private void take(ConsumerRecord<byte[], byte[]> record, Consumer<Promotion> each) {
        SpecificRecord value = null;
        if (record.value() != null) {
            try {
                value = codec.read(record.value(), record.headers(), false);
            } catch (BadRecordException foreign) {
                return;
            }
        }
        if (value instanceof Promotion promotion) {
            if (BaselineMoves.by(promotion)) {
                inForce = promotion;
                inForceSinceMs = record.timestamp();
                firsts.putIfAbsent(promotion.getSubject(), promotion);
            }
            each.accept(promotion);
        }
    }
}
