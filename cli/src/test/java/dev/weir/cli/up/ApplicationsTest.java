package dev.weir.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ApplicationsTest {

    @TempDir
    private Path dir;

    private final List<String> topics = new ArrayList<>();
    private final Supervisor supervisor = new Supervisor(System.err);
    private UpSettings settings;
    private DataDir data;

    @BeforeEach
    void open() {
        settings = new UpSettings("127.0.0.1", 9092, 8081, 8080, dir);
        data = DataDir.open(dir);
    }

    @AfterEach
    void close() throws Exception {
        supervisor.stop();
        data.close();
    }

    private Applications applications() {
        return new Applications(
                settings, data, supervisor, (model, partitions) -> topics.add(model + partitions), this::sleeper);
    }

    private ChildSpec sleeper(String role, String model, Path config) {
        List<String> command = List.of("/bin/sh", "-c", "echo ready http=http://127.0.0.1:1; exec sleep 60");
        return new ChildSpec(role, model, command, dir, data.log(role + "-" + model));
    }

    private static JsonNode body(String json) throws Exception {
        return Json.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aPlanMakesTopicsAndStartsTheApplicationsOnce() throws Exception {
        Applications applications = applications();
        assertThat(applications.apply("m", body("{\"partitions\":3}"))).isEqualTo(new PlanReply.Applied("m", true));
        assertThat(applications.apply("m", body("{}"))).isEqualTo(new PlanReply.Applied("m", false));
        assertThat(topics).containsExactly("m3", "mnull");
        assertThat(supervisor.children())
                .extracting(child -> child.spec().title())
                .containsExactly("merge of m", "coordinate of m", "compatibility of m");
        assertThat(Files.readString(dir.resolve("models/m/merge.yaml")))
                .contains("model: \"m\"", "role: \"merge\"", "bootstrap: \"127.0.0.1:9092\"", "http-port: 0");
    }

    @Test
    void whatHadAPlanIsStartedAgain() throws Exception {
        Files.createDirectories(dir.resolve("models/kept"));
        Files.writeString(dir.resolve("models/kept/plan.json"), "{}");
        Files.createDirectories(dir.resolve("models/empty"));
        applications().resume();
        assertThat(supervisor.children()).hasSize(3).allSatisfy(child -> {
            assertThat(child.spec().model()).isEqualTo("kept");
            assertThat(child.state()).isInstanceOf(ChildState.Running.class);
        });
    }

    @Test
    void anApplicationThatDoesNotAnswerIsNullInTheStatus() throws Exception {
        applications().apply("m", body("{}"));
        ObjectNode status = new StatusReport().of(supervisor.children());
        assertThat(Json.compact(status.path("applications")))
                .isEqualTo(
                        "[{\"model\":\"m\",\"role\":\"merge\",\"status\":null},"
                                + "{\"model\":\"m\",\"role\":\"coordinate\",\"status\":null},{\"model\":\"m\",\"role\":\"compatibility\",\"status\":null}]");
        assertThat(status.path("processes").path(0).path("model").asText()).isEqualTo("m");
    }

    @Test
    void aNameThatIsNoneAndPartitionsThatAreNoneAreRefused() throws Exception {
        Applications applications = applications();
        for (String model : List.of("", "../x", ".hidden", "a/b", "x".repeat(101))) {
            assertThat(applications.apply(model, body("{}"))).isInstanceOf(PlanReply.Refused.class);
        }
        for (String partitions : List.of("0", "1001", "\"3\"", "1.5")) {
            assertThat(applications.apply("m", body("{\"partitions\":" + partitions + "}")))
                    .isInstanceOf(PlanReply.Refused.class);
        }
        assertThat(topics).isEmpty();
    }
}
