package dev.weir.clients.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

final class CurrentEpochTest {

    private final List<Long> opened = new ArrayList<>();
    private boolean answers = true;

    private String open(long epoch) {
        opened.add(epoch);
        if (!answers) {
            throw new TimeoutException("no answer");
        }
        return "writer of " + epoch;
    }

    @Test
    void oneIsOpenUntilItEnds() {
        CurrentEpoch<String> epoch = new CurrentEpoch<>(7, this::open);
        assertThat(epoch.writer()).isEqualTo("writer of 7");
        epoch.end();
        assertThat(epoch.number()).isEqualTo(7);
        assertThat(epoch.writer()).isEqualTo("writer of 8");
        assertThat(epoch.writer()).isEqualTo("writer of 8");
        assertThat(epoch.number()).isEqualTo(8);
        assertThat(opened).containsExactly(7L, 8L);
    }

    @Test
    void anOpeningWithoutAnAnswerMayBeInTheLogAndTheNextOneIsBehindIt() {
        CurrentEpoch<String> epoch = new CurrentEpoch<>(7, this::open);
        epoch.end();
        answers = false;
        assertThatThrownBy(epoch::writer).isInstanceOf(TimeoutException.class);
        assertThat(epoch.number()).isEqualTo(7);
        assertThat(epoch.ended()).isTrue();
        answers = true;
        assertThat(epoch.writer()).isEqualTo("writer of 9");
        assertThat(epoch.number()).isEqualTo(9);
        assertThat(opened).containsExactly(7L, 8L, 9L);
    }
}
