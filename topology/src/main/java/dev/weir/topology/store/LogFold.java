package dev.weir.topology.store;

import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A pure fold over one partition of a topic, in log order.
 *
 * @param <O> where it says what follows from a record
 */
public interface LogFold<O> extends AutoCloseable {
    /**
     * Folds one record.
     *
     * @throws FoldException when the log has a gap or contradicts itself
     */
    void apply(byte @Nullable [] key, byte @Nullable [] value, Headers headers, long offset, long timestampMs, O out);

    Counters counters();

    /** Oldest offset that this fold, as it was opened, has to be given; 0: the whole log. */
    default long firstOffset() {
        return 0;
    }

    /** Bytes off the heap, for status; asked by any thread. */
    default long stateBytes() {
        return 0;
    }

    /** What is to be known of it beside its counters, for status; asked by any thread. */
    default Map<String, Object> facts() {
        return Map.of();
    }

    @Override
    void close();
}
