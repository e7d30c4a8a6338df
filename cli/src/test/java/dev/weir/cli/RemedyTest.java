package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.topology.store.FoldException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

final class RemedyTest {

    @Test
    void whereTheProblemSaysWhatHelpsThatIsDoneFirst() {
        FoldException gone = new FoldException("m.deltas-0: offsets 3 to 9 are gone", "bring the topic back");
        assertThat(gone).hasMessage("m.deltas-0: offsets 3 to 9 are gone; bring the topic back");
        assertThat(remedy(new IllegalStateException("task failed", gone))).isEqualTo("start it again then");
    }

    @Test
    void aLogThatContradictsItselfIsReplayedAndReported() {
        assertThat(remedy(new IllegalStateException(
                        "task failed", new FoldException("channel c is due before any; the log contradicts itself"))))
                .contains("`weir replay --model m --verify`", "report");
    }

    @Test
    void damagedRecordsAreMattersOfTheBrokersDisks() {
        assertThat(remedy(new IllegalStateException("m.merged-0 offset 3: chunk 1 was expected and sound")))
                .contains("disks");
    }

    @Test
    void everyOtherFailureHasANextStepToo() {
        assertThat(remedy(new KafkaException("x", new TopicAuthorizationException("m.deltas"))))
                .contains("rights");
        assertThat(remedy(new TimeoutException("slow"))).contains("brokers");
        assertThat(remedy(new OutOfMemoryError("heap"))).contains("memory");
        assertThat(remedy(new NullPointerException())).contains("report it");
        assertThat(remedy(new FoldException("a partition did not emit what is due")))
                .contains("weir replay");
    }

    private static String remedy(Throwable failure) {
        return Remedy.of(failure, "m");
    }
}
