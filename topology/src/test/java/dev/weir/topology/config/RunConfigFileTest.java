package dev.weir.topology.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class RunConfigFileTest {
    private static final String FILE = """
            model: mnist
            role: merge
            threads: 3
            client:
              security.protocol: SASL_SSL
              sasl.jaas.config: very secret
            """;

    @Test
    void readsTheFileOverTheDefaults() {
        RunConfig config = RunConfigFile.parse(FILE, Map.of());
        assertThat(config.role()).isEqualTo(RunConfig.Role.MERGE);
        assertThat(config.threads()).isEqualTo(3);
        assertThat(config.bootstrap()).isEqualTo("127.0.0.1:9092");
        assertThat(config.client()).containsEntry("security.protocol", "SASL_SSL");
    }

    @Test
    void mergeCommitsLessOftenThanTheOthersUnlessItIsTold() {
        assertThat(RunConfigFile.parse(FILE, Map.of()).commitIntervalMs()).isEqualTo(1000);
        assertThat(RunConfigFile.parse(FILE, Map.of("WEIR_ROLE", "coordinate")).commitIntervalMs())
                .isEqualTo(200);
        assertThat(RunConfigFile.parse(FILE, Map.of("WEIR_COMMIT_INTERVAL_MS", "300"))
                        .commitIntervalMs())
                .isEqualTo(300);
    }

    @Test
    void theEnvironmentOverridesTheFile() {
        Map<String, String> environment = Map.of("WEIR_THREADS", "5", "WEIR_BOOTSTRAP", "kafka:9092");
        RunConfig config = RunConfigFile.parse(FILE, environment);
        assertThat(config.threads()).isEqualTo(5);
        assertThat(config.bootstrap()).isEqualTo("kafka:9092");
    }

    @Test
    void unknownKeysAreRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> RunConfigFile.parse(FILE + "treads: 2\n", Map.of()))
                .hasMessageStartingWith("config: key treads: is unknown; allowed: model, role, bootstrap");
    }

    @Test
    void valuesOutOfRangeAreRefusedWithTheRange() {
        assertThatThrownBy(() -> RunConfigFile.parse(FILE, Map.of("WEIR_THREADS", "0")))
                .hasMessage("config: threads: is 0; allowed: a whole number from 1 to 256");
        assertThatThrownBy(() -> RunConfigFile.parse("model: m\nrole: both\n", Map.of()))
                .hasMessage("config: role: is both; allowed: merge, coordinate or compatibility");
        assertThatThrownBy(() -> RunConfigFile.parse("role: merge\n", Map.of()))
                .hasMessageContaining("model: is missing");
    }

    @Test
    void secretsOfTheRegistryAndInAddressesAreNotPrintedEither() {
        String printed = RunConfigFile.print(RunConfigFile.parse(FILE + """
                          basic.auth.user.info: me:hidden-1
                          SSL.Keystore.PASSWORD: hidden-2
                          schema.registry.basic.auth.user.info: me:hidden-3
                          other.url: https://me:hidden-4@proxy:1
                        registry: http://me:hidden-5@registry:8081/v7
                        """, Map.of()));
        assertThat(printed)
                .contains("http://***@registry:8081/v7", "https://***@proxy:1")
                .doesNotContain("hidden");
    }

    @Test
    void aKeyWithoutAValueIsAsGoodAsAbsent() {
        RunConfig config = RunConfigFile.parse("""
                model: m
                role: merge
                instance-id:
                threads: ~
                client:
                  ssl.protocol:
                """, Map.of());
        assertThat(config.instanceId()).isNull();
        assertThat(config.threads()).isEqualTo(1);
        assertThat(config.client()).isEmpty();
        assertThat(RunConfigFile.parse("model: m\nrole: merge\nclient:\n", Map.of())
                        .client())
                .isEmpty();
        assertThatThrownBy(() -> RunConfigFile.parse("model:\nrole: merge\n", Map.of()))
                .hasMessageContaining("model: is missing");
    }

    @Test
    void secretsAreNotPrinted() {
        String printed = RunConfigFile.print(RunConfigFile.parse(FILE, Map.of()));
        assertThat(printed).contains("SASL_SSL").doesNotContain("very secret");
        assertThat(RunConfigFile.parse(printed, Map.of()).threads()).isEqualTo(3);
    }
}
