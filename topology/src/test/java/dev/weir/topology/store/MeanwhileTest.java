package dev.weir.topology.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MeanwhileTest {

    /** A thread for each, where pieces are a megabyte, had a quarter of the time of a restore. */
    @Test
    void oneThreadDoesAllPiecesThatFollowOneAnother() {
        List<Thread> threads = new ArrayList<>();
        try (Meanwhile meanwhile = new Meanwhile("works")) {
            for (int piece = 0; piece < 20; piece++) {
                meanwhile.start(() -> threads.add(Thread.currentThread()));
            }
            meanwhile.await();
        }
        assertThat(threads).hasSize(20).containsOnly(threads.getFirst());
        assertThat(threads.getFirst().getName()).isEqualTo("works");
        assertThat(threads.getFirst().isDaemon()).isTrue();
    }

    @Test
    void whatAPieceHasThrownIsThrownUntilItIsClosed() {
        Meanwhile meanwhile = new Meanwhile("fails");
        meanwhile.start(() -> {
            throw new IllegalStateException("half done");
        });
        assertThatThrownBy(meanwhile::await).hasMessage("half done");
        assertThatThrownBy(() -> meanwhile.start(() -> {})).hasMessage("half done");
        meanwhile.close();
        List<String> done = new ArrayList<>();
        meanwhile.start(() -> done.add("another"));
        meanwhile.await();
        assertThat(done).containsExactly("another");
    }
}
