package dev.weir.topology.store;

import java.util.Map;
import java.util.function.IntFunction;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Builds log-backed stores: without logging, caching or a changelog.
 *
 * @param <O> where the folds say what follows from a record
 * @param name name of the store
 * @param topic its source topic
 * @param silent an output that says nothing, for restoring
 * @param open opens the fold of a partition
 * @param logStart tells where a partition's log begins
 * @param folds where open folds report themselves
 */
public record FoldStores<O>(
        String name, String topic, O silent, IntFunction<? extends LogFold<O>> open, LogStart logStart, Folds folds)
        implements StoreBuilder<FoldStore<O>> {
    /** The store's own updater, which Streams asks for; another processor does the work and knows the offset. */
    public static final class Nothing implements Processor<byte[], byte[], Void, Void> {
        @Override
        public void process(Record<byte[], byte[]> record) {}
    }

    @Override
    public FoldStore<O> build() {
        return new FoldStore<>(this);
    }

    @Override
    public StoreBuilder<FoldStore<O>> withCachingEnabled() {
        return this;
    }

    @Override
    public StoreBuilder<FoldStore<O>> withCachingDisabled() {
        return this;
    }

    @Override
    public StoreBuilder<FoldStore<O>> withLoggingEnabled(Map<String, String> config) {
        return this;
    }

    @Override
    public StoreBuilder<FoldStore<O>> withLoggingDisabled() {
        return this;
    }

    @Override
    public Map<String, String> logConfig() {
        return Map.of();
    }

    @Override
    public boolean loggingEnabled() {
        return false;
    }
}
