package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.weir.schemas.wire.Registry;
import java.net.ConnectException;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

final class CausesTest {

    @Test
    void aRegistryThatIsDownIsNamedWithItsAddress() {
        Throwable down = catchThrowable(() -> Registry.connect("http://me:word@127.0.0.1:1", Map.of()));
        assertThat(Causes.described(down))
                .startsWith("subject ")
                .contains("registry http://***@127.0.0.1:1 does not answer", "Connection refused", "next: check")
                .doesNotContain("word");
    }

    @Test
    void whatWasBeingAskedStandsBeforeTheCause() {
        Throwable failure = new CompletionException(
                new KafkaException("topic m.deltas: cannot be described", new TimeoutException("timed out")));
        assertThat(Causes.reason(failure))
                .isEqualTo("topic m.deltas: cannot be described (TimeoutException: timed out)");
    }

    @Test
    void aCauseThatIsInTheMessageAlreadyIsNotRepeated() {
        Throwable cause = new TimeoutException("timed out");
        assertThat(Causes.reason(new KafkaException("topic m.deltas: " + cause, cause)))
                .isEqualTo("topic m.deltas: org.apache.kafka.common.errors.TimeoutException: timed out");
    }

    @Test
    void ofWhatIsNotOursTheInnermostCounts() {
        Throwable failure = new IllegalStateException("somewhere", new ConnectException("refused"));
        assertThat(Causes.described(failure)).isEqualTo("ConnectException: refused");
        assertThat(Causes.reason(failure)).isEqualTo("refused");
        assertThat(Causes.reason(new KafkaException(new ConnectException()))).isEqualTo("ConnectException");
    }
}
