package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How {@code weir up} ends, and what is there afterwards. */
final class UpEndIT {

    @TempDir
    private Path data;

    private static void assertGone(List<ProcessHandle> children, Duration limit) throws InterruptedException {
        assertThat(children).hasSize(2);
        UpProcess.await(limit, () -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void sigtermLeavesNoProcessAndStateSurvives() throws Exception {
        Ports ports = Ports.free();
        int id;
        AvroSchema schema = new AvroSchema("{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}");
        try (UpProcess up = UpProcess.start(data, ports).awaitReady();
                Admin admin = Admin.create(Map.of("bootstrap.servers", up.bootstrap()));
                SchemaRegistryClient registry = new CachedSchemaRegistryClient(up.registry(), 10)) {
            admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
            id = registry.register("kept-value", schema);
            List<ProcessHandle> children = up.children();
            up.process().destroy();
            assertThat(up.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(up.process().exitValue()).isZero();
            assertGone(children, Duration.ofMillis(1));
        }
        try (UpProcess up = UpProcess.start(data, ports).awaitReady();
                Admin admin = Admin.create(Map.of("bootstrap.servers", up.bootstrap()));
                SchemaRegistryClient registry = new CachedSchemaRegistryClient(up.registry(), 10)) {
            assertThat(admin.listTopics().names().get(30, TimeUnit.SECONDS)).contains("kept");
            assertThat(registry.getSchemaById(id).canonicalString()).isEqualTo(schema.canonicalString());
        }
    }

    @Test
    void sigkillLeavesNoChildAndTheNextOneStarts() throws Exception {
        Ports ports = Ports.free();
        try (UpProcess up = UpProcess.start(data, ports).awaitReady()) {
            List<ProcessHandle> children = up.children();
            up.process().destroyForcibly().waitFor();
            try (UpProcess next = UpProcess.start(data, ports).awaitReady()) {
                assertThat(next.healthy()).isTrue();
            }
            assertGone(children, Duration.ofSeconds(20));
        }
    }

    @Test
    void threeDeathsOfOneChildEndIt() throws Exception {
        try (UpProcess up = UpProcess.start(data, Ports.free()).awaitReady()) {
            List<ProcessHandle> children = up.children();
            for (int i = 0; i < 2; i++) {
                up.child("registry").destroyForcibly();
                UpProcess.await(Duration.ofSeconds(10), () -> !up.healthy());
                UpProcess.await(Duration.ofSeconds(40), up::healthy);
            }
            up.child("registry").destroyForcibly();
            assertThat(up.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(up.process().exitValue()).isEqualTo(1);
            assertThat(up.stderr().lines()).hasSize(3).last().asString().startsWith("weir: registry: died");
            assertGone(children, Duration.ofMillis(1));
        }
    }
}
