package dev.weir.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
    void anApplicationThatDiesTooOftenIsGivenUpAloneAndThePlanStartsItAgain() throws Exception {
        Path repaired = dir.resolve("repaired");
        Applications applications = new Applications(
                settings, data, supervisor, (model, partitions) -> topics.add(model), (role, model, config) -> {
                    ChildSpec well = sleeper(role, model, config);
                    String merge = "test -f " + repaired + " || exit 3; "
                            + well.command().get(2);
                    List<String> command = role.equals("merge") ? List.of("/bin/sh", "-c", merge) : well.command();
                    return new ChildSpec(role, model, command, dir, well.log());
                });

        assertThat(applications.apply("m", body("{}")))
                .isInstanceOfSatisfying(
                        PlanReply.Failed.class,
                        failed -> assertThat(failed.reason())
                                .contains("merge of m: died (exit code 3)", "`weir plan apply`"));
        assertThat(states()).containsExactly("merge failed", "coordinate running", "compatibility running");
        ObjectNode process = Json.object();
        StatusReport.describe(supervisor.children().getFirst(), process);
        assertThat(process.path("failure").asText()).startsWith("died (exit code 3)");

        Files.createFile(repaired);
        assertThat(applications.apply("m", body("{}"))).isInstanceOf(PlanReply.Applied.class);
        assertThat(states()).containsExactly("coordinate running", "compatibility running", "merge running");
    }

    @Test
    void aModelThatFailsAtTheStartDoesNotHoldUpOthers() throws Exception {
        for (String model : List.of("bad", "good")) {
            Files.createDirectories(dir.resolve("models").resolve(model));
            Files.writeString(dir.resolve("models").resolve(model).resolve("plan.json"), "{}");
        }
        new Applications(settings, data, supervisor, (model, partitions) -> {}, (role, model, config) -> {
                    ChildSpec well = sleeper(role, model, config);
                    List<String> command = model.equals("bad") ? List.of("/bin/sh", "-c", "exit 3") : well.command();
                    return new ChildSpec(role, model, command, dir, well.log());
                })
                .resume();

        assertThat(states())
                .containsExactly(
                        "merge failed",
                        "coordinate failed",
                        "compatibility failed",
                        "merge running",
                        "coordinate running",
                        "compatibility running");
    }

    private List<String> states() throws InterruptedException {
        for (Child child : supervisor.children()) {
            child.awaitRunning(Duration.ofSeconds(20));
        }
        return supervisor.children().stream()
                .map(child -> child.spec().name() + " " + child.state().label())
                .toList();
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
