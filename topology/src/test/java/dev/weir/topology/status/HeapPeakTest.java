package dev.weir.topology.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.Reference;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The most heap that was used at once. */
final class HeapPeakTest {
    private static final int LARGE = 64 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Test
    void whatDiedBeforeAnybodyAskedCountsAndThePeakNeverExceedsTheHeap() throws InterruptedException {
        HeapPeak peak = new HeapPeak();
        byte[] large = new byte[LARGE];
        Reference.reachabilityFence(large);
        large = null;
        System.gc();

        // The collector says so from a thread of its own.
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (peak.bytes() <= LARGE && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
        assertThat(peak.bytes()).isGreaterThan(LARGE);
        assertThat(peak.bytes()).isLessThanOrEqualTo(Runtime.getRuntime().maxMemory());
    }
}
