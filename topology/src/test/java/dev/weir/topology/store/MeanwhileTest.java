package dev.weir.topology.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Work on another thread, one piece after another. */
final class MeanwhileTest {
    private final Meanwhile meanwhile = new Meanwhile("meanwhile");
    private final List<Integer> done = new ArrayList<>();

    @Test
    void piecesAreDoneInTheirOrderAndSeenByWhoeverAwaitsThem() {
        IntStream.range(0, 1_000).forEach(piece -> meanwhile.start(() -> done.add(piece)));
        meanwhile.await();
        assertThat(done)
                .containsExactlyElementsOf(IntStream.range(0, 1_000).boxed().toList());
    }

    /** A thread for each, where pieces are a megabyte, had a quarter of the time of a restore. */
    @Test
    void piecesThatFollowOneAnotherHaveOneThread() {
        Set<Thread> threads = new HashSet<>();
        IntStream.range(0, 1_000).forEach(piece -> meanwhile.start(() -> threads.add(Thread.currentThread())));
        meanwhile.await();
        assertThat(threads)
                .as("a few if this machine stood still in between")
                .hasSizeBetween(1, 5)
                .allMatch(Thread::isDaemon);
    }

    @Test
    void theOwnerGoesOn() {
        CountDownLatch owner = new CountDownLatch(1);
        List<String> threads = new ArrayList<>();
        meanwhile.start(() -> {
            waitFor(owner);
            threads.add(Thread.currentThread().getName());
        });
        owner.countDown();
        meanwhile.await();
        assertThat(threads).containsExactly("meanwhile");
    }

    @Test
    void aFailureIsThrownInsteadOfEveryFurtherPieceUntilItIsClosed() {
        meanwhile.start(MeanwhileTest::fail);
        for (int piece = 0; piece < 2; piece++) {
            assertThatThrownBy(() -> meanwhile.start(() -> done.add(1)))
                    .isInstanceOf(FoldException.class)
                    .hasMessage("a gap");
            assertThatThrownBy(meanwhile::await).isInstanceOf(FoldException.class);
        }
        meanwhile.close();
        meanwhile.start(() -> done.add(2));
        meanwhile.await();
        assertThat(done).containsExactly(2);
    }

    @Test
    void whoeverClosesWaitsButIsNotToldOfAFailure() {
        meanwhile.start(() -> {
            done.add(1);
            fail();
        });
        meanwhile.close();
        assertThat(done).containsExactly(1);
        meanwhile.await();
    }

    @Test
    void anInterruptedOwnerWaitsAllTheSameAndStaysInterrupted() {
        CountDownLatch begun = new CountDownLatch(1);
        meanwhile.start(() -> {
            waitFor(begun);
            done.add(1);
        });
        Thread.currentThread().interrupt();
        begun.countDown();
        meanwhile.await();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(done).containsExactly(1);
    }

    private static void fail() {
        throw new FoldException("a gap");
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
