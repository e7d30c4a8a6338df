package dev.weir.topology;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a commit of what a processor said once its process has folded no record for a moment: at the end of a log nobody waits for
 * the commit interval then, which can be long where records keep coming. It looks only while there is something to commit, because
 * Kafka Streams takes every look for a reason to commit.
 */
public final class IdleCommit {
    private static final Duration MOMENT = Duration.ofMillis(20);

    private final ProcessorContext<?, ?> context;
    private final LongSupplier records;
    private @Nullable Cancellable looking;
    private long seen;
    private long seenMs;

    /** @param records that all tasks of this process have folded, a number that grows */
    public IdleCommit(ProcessorContext<?, ?> context, LongSupplier records) {
        this.context = context;
        this.records = records;
    }

    /** Something was said that is to be seen by the end of the log at the latest. */
    public void said() {
        if (looking == null) {
            seen = -1;
            looking = context.schedule(MOMENT, PunctuationType.WALL_CLOCK_TIME, this::look);
        }
    }

    /** To be called when the processor is closed. */
    public void cancel() {
        if (looking != null) {
            looking.cancel();
            looking = null;
        }
    }

    private void look(long nowMs) {
        long now = records.getAsLong();
        if (now != seen) {
            seen = now;
            seenMs = nowMs;
        } else if (nowMs - seenMs >= MOMENT.toMillis()) {
            cancel();
            context.commit();
        }
    }
}
