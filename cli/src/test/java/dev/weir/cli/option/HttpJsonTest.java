package dev.weir.cli.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.topology.status.StatusServer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class HttpJsonTest {

    @Command
    private static final class Probe {
        @Mixin
        private final ClientOptions client = new ClientOptions();
    }

    private static ClientOptions at(String http) {
        Probe probe = new Probe();
        new CommandLine(probe).parseArgs("--http", http, "--timeout", "5s");
        return probe.client;
    }

    @Test
    void aPlanForWeirRunIsAnsweredWithWhatItIsAndWhatToDo() throws Exception {
        try (StatusServer run = StatusServer.start(
                "127.0.0.1", 0, () -> true, () -> true, () -> Map.of("role", "merge", "model", "m"))) {
            assertThatThrownBy(() -> HttpJson.post(at(run.url()), "/plans", Json.object()))
                    .isInstanceOf(WeirException.class)
                    .hasMessageContaining("this is `weir run`, which takes no plans")
                    .hasMessageContaining("leave --http out and name the brokers by --bootstrap");
        }
    }

    @Test
    void whoHasNoWeirUpIsToldHowAPlanReachesAKafkaOfHisOwn() {
        assertThatThrownBy(() -> HttpJson.post(at("http://127.0.0.1:1"), "/plans", Json.object()))
                .hasMessageContaining("does not answer")
                .hasMessageContaining("give --bootstrap, and leave --http out");
    }

    @Test
    void anErrorThatIsNoJsonKeepsItsNumber() throws Exception {
        try (StatusServer other = StatusServer.start("127.0.0.1", 0, () -> true, () -> true, Map::of)) {
            assertThatThrownBy(() -> HttpJson.post(at(other.url()), "/plans", Json.object()))
                    .hasMessageContaining("answered 404");
            assertThat(HttpJson.get(at(other.url()), "/status").isEmpty()).isTrue();
        }
    }
}
