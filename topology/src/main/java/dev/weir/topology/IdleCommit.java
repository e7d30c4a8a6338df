package dev.weir.topology;

import java.time.Duration;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Asks for a commit of what a processor said once no record has come for a moment: at the end of a log nobody waits for the commit
 * interval then, which can be long where records keep coming.
 */
public final class IdleCommit {
    /** Longer than it takes to fetch what is there. */
    private static final Duration MOMENT = Duration.ofMillis(20);

    private final ProcessorContext<?, ?> context;
    private boolean said;
    private boolean busy;

    /** To be made when the processor is initialised. */
    public IdleCommit(ProcessorContext<?, ?> context) {
        this.context = context;
        context.schedule(MOMENT, PunctuationType.WALL_CLOCK_TIME, now -> look());
    }

    /** @param forwarded whether something was said of the record that waits for a commit */
    public void processed(boolean forwarded) {
        busy = true;
        said |= forwarded;
    }

    private void look() {
        if (said && !busy) {
            said = false;
            context.commit();
        }
        busy = false;
    }
}
