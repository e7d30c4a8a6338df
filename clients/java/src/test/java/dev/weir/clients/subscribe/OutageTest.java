package dev.weir.clients.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.clients.ClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

final class OutageTest {
    private final List<ClientException> told = new ArrayList<>();
    private final Outage outage = new Outage(told::add);

    @Test
    void anOutageIsToldOnceAndWaitsGrowTo30s() {
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            waits.add(outage.failed(failure(new TimeoutException("no answer"))));
        }
        assertThat(waits).containsExactly(1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 30_000L, 30_000L);
        assertThat(told).hasSize(1);
        outage.over();
        assertThat(outage.failed(failure(new DisconnectException("gone")))).isEqualTo(1_000);
        assertThat(told).hasSize(2);
    }

    @Test
    void whatNobodyAnswersLaterEndsItAtOnce() {
        for (KafkaException refused :
                List.of(new SaslAuthenticationException("who?"), new TopicAuthorizationException("not you"))) {
            assertThatThrownBy(() -> outage.failed(failure(refused))).hasMessageContaining("check SASL, TLS and ACLs");
        }
        assertThatThrownBy(() -> outage.failed(new ClientException(
                        ClientException.Reason.DAMAGED, "channel ema version 1", "chunk 3 is damaged", "", "")))
                .hasMessageContaining("is damaged");
        assertThat(told).isEmpty();
    }

    private static ClientException failure(KafkaException error) {
        return Objects.requireNonNull(Outage.of(error, "topic m.snapshots", "127.0.0.1:9092"));
    }
}
