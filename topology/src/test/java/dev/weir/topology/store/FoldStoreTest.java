package dev.weir.topology.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a fold must be given is there, at its beginning and while it runs, or it stops by name. */
final class FoldStoreTest {
    private static final int POISON = 10;

    /** Kafka Streams, of which a store asks its task and tells how it is restored. */
    private final StateStoreContext context = (StateStoreContext) Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {StateStoreContext.class},
            (self, method, arguments) -> switch (method.getName()) {
                case "taskId" -> new TaskId(0, 0);
                case "register" -> {
                    restore = (RecordBatchingStateRestoreCallback) arguments[1];
                    yield null;
                }
                default -> throw new UnsupportedOperationException(method.getName());
            });

    private @Nullable RecordBatchingStateRestoreCallback restore;
    private final AtomicLong logStart = new AtomicLong();
    private final Deque<Long> firstOffsets = new ArrayDeque<>();
    private final FoldStore<String> store = new FoldStores<>(
                    "averages",
                    "m.deltas",
                    "",
                    partition -> new Fold(firstOffsets.remove()),
                    partition -> logStart.get(),
                    new Folds())
            .build();

    @Test
    void aLogThatWasCutWhileTheFoldRunsStopsIt() {
        init(0);
        for (long offset = 0; offset < 5; offset++) {
            assertThat(fold(offset)).isTrue();
        }
        logStart.set(40);
        assertThatThrownBy(() -> fold(40))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining("m.deltas-0: offsets 5 to 39 are gone");
    }

    @Test
    void offsetsWithoutRecordsAreNoGap() {
        init(0);
        assertThat(fold(0)).isTrue();
        assertThat(fold(400)).isTrue();
        assertThat(fold(7)).as("behind the newest").isFalse();
    }

    @Test
    void aLogThatBeginsBehindWhatTheKeyframeNeedsIsRefused() {
        logStart.set(10);
        assertThatThrownBy(() -> init(5, 5))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining("m.deltas-0: offsets 5 to 9 are gone");
        assertThat(store.isOpen()).isFalse();
    }

    @Test
    void aKeyframeThatWasReplacedWhileItWasReadIsReadAgain() {
        logStart.set(10);
        init(5, 12);
        assertThat(store.isOpen()).isTrue();
        assertThat(fold(12)).isTrue();
    }

    @Test
    void aRestoreThatFailsIsToldWithTheNextBatchAndUntilTheStoreIsOpenedAnew() {
        init(0);
        restore(0, 3);
        store.awaitRestored();
        restore(3, POISON + 2);
        assertThatThrownBy(() -> restore(POISON + 2, POISON + 4))
                .isInstanceOf(FoldException.class)
                .hasMessage("poisoned");
        assertThatThrownBy(store::awaitRestored).hasMessage("poisoned");
        assertThatThrownBy(store::awaitRestored).as("asked again").hasMessage("poisoned");
        init(POISON + 1);
        restore(POISON + 1, POISON + 4);
        store.awaitRestored();
        assertThat(fold(POISON + 3)).as("restored already").isFalse();
        assertThat(fold(POISON + 4)).isTrue();
    }

    private void restore(int from, int to) {
        List<ConsumerRecord<byte[], byte[]>> batch = new ArrayList<>();
        for (int offset = from; offset < to; offset++) {
            batch.add(new ConsumerRecord<>("m.deltas", 0, offset, new byte[1], new byte[1]));
        }
        Objects.requireNonNull(restore).restoreBatch(batch);
    }

    private void init(Long... offsets) {
        firstOffsets.addAll(List.of(offsets));
        store.init(context, store);
    }

    private void init(int offset) {
        init((long) offset);
    }

    private void init(int first, int second) {
        init((long) first, (long) second);
    }

    private boolean fold(long offset) {
        return store.fold(null, null, new RecordHeaders(), offset, 0, "");
    }

    /** Takes everything but one record. */
    private record Fold(long firstOffset) implements LogFold<String> {
        @Override
        public void apply(
                byte @Nullable [] key,
                byte @Nullable [] value,
                Headers headers,
                long offset,
                long timestampMs,
                String out) {
            if (value != null && offset == POISON) {
                throw new FoldException("poisoned");
            }
        }

        @Override
        public Counters counters() {
            return new Counters();
        }

        @Override
        public void close() {}
    }
}
