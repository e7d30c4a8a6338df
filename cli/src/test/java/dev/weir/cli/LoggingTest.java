package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LoggingTest {

    @Test
    void runWarnsAndKafkaSaysErrorsAndWhichBrokerIsSilent() {
        assertThat(Logging.levels(null, "run", "--config", "merge.yaml"))
                .containsEntry("defaultLogLevel", "error")
                .containsEntry("log.dev.weir", "warn")
                .containsEntry("log.org.apache.kafka.clients.NetworkClient", "warn");
    }

    @Test
    void otherVerbsAreSilent() {
        assertThat(Logging.levels(null, "publish", "--run", "run"))
                .containsEntry("defaultLogLevel", "off")
                .doesNotContainKey("log.dev.weir");
        assertThat(Logging.levels(null)).containsEntry("defaultLogLevel", "off");
    }

    @Test
    void whatIsAskedForCountsForAll() {
        assertThat(Logging.levels("debug", "run"))
                .containsEntry("defaultLogLevel", "debug")
                .doesNotContainKey("log.dev.weir");
        assertThat(Logging.levels(null, "run", "--debug"))
                .containsEntry("defaultLogLevel", "info")
                .doesNotContainKey("log.dev.weir");
    }

    @Test
    void whoWritesPasswordsIsAlwaysSilent() {
        assertThat(Logging.levels("trace", "run"))
                .containsEntry("log.io.confluent.kafka.schemaregistry.client.rest.RestService", "off");
    }
}
