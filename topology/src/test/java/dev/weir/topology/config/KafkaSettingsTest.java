package dev.weir.topology.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class KafkaSettingsTest {
    private static final String FILE = "model: m\nrole: merge\nbootstrap: b:1\nregistry: http://r\n";

    @Test
    void aProducerDoesNotWaitLongForACoordinatorUnlessItIsTold() {
        assertThat(backoff("")).isEqualTo(20L);
        assertThat(backoff("client: {retry.backoff.ms: 300}\n"))
                .as("all clients have it")
                .isNull();
        assertThat(backoff("client: {producer.retry.backoff.ms: 300}\n")).isEqualTo("300");
    }

    @Test
    void aFetchHoldsEightChunksOfFullSizeAndNoPartOfANinth() {
        int fetch = (int) Objects.requireNonNull(KafkaSettings.streams(RunConfigFile.parse(FILE, Map.of()), "a")
                .get("consumer.max.partition.fetch.bytes"));
        assertThat(fetch).isBetween(8 * (960 << 10) + 8 * 256, 8 * (960 << 10) + (960 << 10) / 8);
    }

    private static @Nullable Object backoff(String client) {
        return KafkaSettings.streams(RunConfigFile.parse(FILE + client, Map.of()), "a")
                .get("producer.retry.backoff.ms");
    }
}
