package dev.weir.cli.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.clients.ClientException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

/** What a watch waits out, and what ends it. */
final class WatchPublisherTest {
    @Test
    void aBrokerThatIsAwayOrShortOfReplicasIsWaitedFor() {
        assertThat(WatchPublisher.lost(failure(new TimeoutException("no answer"))))
                .isFalse();
        assertThat(WatchPublisher.lost(failure(new NotEnoughReplicasException("one is left"))))
                .isFalse();
    }

    @Test
    void whatIsRefusedIsRefusedTheNextTimeToo() {
        assertThat(WatchPublisher.lost(failure(new SaslAuthenticationException("not you"))))
                .isTrue();
        assertThat(WatchPublisher.lost(failure(new TopicAuthorizationException("nor there"))))
                .isTrue();
    }

    private static ClientException failure(KafkaException cause) {
        return ClientException.ofKafka("run r", "127.0.0.1:9092", cause);
    }
}
