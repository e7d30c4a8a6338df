package dev.weir.topology.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a fold must be given is there, at its beginning and while it runs, or it stops by name. */
final class FoldStoreTest {
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

    private void init(Long... offsets) {
        firstOffsets.addAll(List.of(offsets));
        store.init(new MockProcessorContext<>().getStateStoreContext(), store);
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

    /** Takes everything. */
    private record Fold(long firstOffset) implements LogFold<String> {
        @Override
        public void apply(
                byte @Nullable [] key,
                byte @Nullable [] value,
                Headers headers,
                long offset,
                long timestampMs,
                String out) {}

        @Override
        public Counters counters() {
            return new Counters();
        }

        @Override
        public void close() {}
    }
}
