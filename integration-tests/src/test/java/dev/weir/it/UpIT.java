package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.schemas.topic.TopicAdmin;
import dev.weir.schemas.topic.Topics;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one running {@code weir up} promises. */
final class UpIT {

    @TempDir
    private static Path data;

    private static Ports ports;
    private static UpProcess up;

    @BeforeAll
    static void start() throws Exception {
        ports = Ports.free();
        up = UpProcess.start(data, ports).awaitReady();
    }

    @AfterAll
    static void stop() {
        up.close();
    }

    private static Set<String> topics() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", up.bootstrap()))) {
            return admin.listTopics().names().get(30, TimeUnit.SECONDS);
        }
    }

    private static void createTopic(String name) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", up.bootstrap()))) {
            admin.createTopics(List.of(new NewTopic(name, 2, (short) 1))).all().get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void stdoutHoldsTheReadyLineAndNothingElse() {
        assertThat(up.stdout())
                .isEqualTo("ready bootstrap=127.0.0.1:" + ports.kafka() + " registry=http://127.0.0.1:"
                        + ports.registry() + "/apis/ccompat/v7 http=http://127.0.0.1:" + ports.http() + "\n");
    }

    @Test
    void statusNamesBrokerAndRegistry() throws Exception {
        assertThat(up.get("/status").body())
                .contains("\"name\":\"broker\"", "\"name\":\"registry\"", "\"state\":\"running\"");
    }

    @Test
    void topicsThatWereCreatedTakeRecordsAtOnce() throws Exception {
        Map<String, Object> once =
                Map.of("bootstrap.servers", up.bootstrap(), "retries", 0, "enable.idempotence", false, "linger.ms", 0);
        ByteArraySerializer bytes = new ByteArraySerializer();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", up.bootstrap()));
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(once, bytes, bytes)) {
            for (int i = 0; i < 10; i++) {
                String deltas = new Topics("ready-" + i).deltas();
                new TopicAdmin(admin).create(new Topics("ready-" + i).catalogue(16), (short) 1);
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                for (int partition = 0; partition < 16; partition++) {
                    sent.add(producer.send(new ProducerRecord<>(deltas, partition, new byte[1], new byte[1])));
                }
                for (Future<RecordMetadata> record : sent) {
                    assertThat(record.get(30, TimeUnit.SECONDS).offset()).isZero();
                }
            }
        }
    }

    @Test
    void aBrokerThatIsKilledComesBackWithItsTopics() throws Exception {
        createTopic("survivor");
        up.child("broker").destroyForcibly();
        UpProcess.await(Duration.ofSeconds(10), () -> !up.healthy());
        UpProcess.await(Duration.ofSeconds(60), up::healthy);
        assertThat(topics()).contains("survivor");
        assertThat(up.stderr()).contains("weir: broker: died (exit code 137)");
    }

    @Test
    void aRegistryThatIsKilledKeepsItsIdsAndItsRules() throws Exception {
        AvroSchema first = new AvroSchema(record("{\"name\":\"a\",\"type\":\"int\"}"));
        AvroSchema wider = new AvroSchema(
                record("{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":\"int\",\"default\":0}"));
        AvroSchema other = new AvroSchema(record("{\"name\":\"a\",\"type\":\"string\"}"));
        int id;
        try (SchemaRegistryClient client = new CachedSchemaRegistryClient(up.registry(), 10)) {
            client.updateCompatibility("s-value", "FULL_TRANSITIVE");
            id = client.register("s-value", first);
        }
        up.child("registry").destroyForcibly();
        UpProcess.await(Duration.ofSeconds(10), () -> !up.healthy());
        UpProcess.await(Duration.ofSeconds(60), up::healthy);
        try (SchemaRegistryClient client = new CachedSchemaRegistryClient(up.registry(), 10)) {
            assertThat(client.getSchemaById(id).canonicalString()).isEqualTo(first.canonicalString());
            assertThat(client.register("s-value", first)).isEqualTo(id);
            assertThat(client.getCompatibility("s-value")).isEqualTo("FULL_TRANSITIVE");
            assertThatThrownBy(() -> client.register("s-value", other)).isInstanceOf(RestClientException.class);
            assertThat(client.register("s-value", wider)).isGreaterThan(id);
        }
    }

    @Test
    void aSecondOneOnTheSameDataIsRefused() throws Exception {
        assertRefused(data, Ports.free(), "another weir up runs on it");
    }

    @Test
    void aPortThatIsTakenIsRefused(@TempDir Path other) throws Exception {
        Ports free = Ports.free();
        assertRefused(other, new Ports(ports.kafka(), free.registry(), free.http()), "--kafka-port " + ports.kafka());
        assertRefused(
                other, new Ports(free.kafka(), ports.registry(), free.http()), "--registry-port " + ports.registry());
        assertRefused(other, new Ports(free.kafka(), free.registry(), ports.http()), "--http-port " + ports.http());
    }

    private static void assertRefused(Path dir, Ports wanted, String reason) throws Exception {
        try (UpProcess refused = UpProcess.start(dir, wanted)) {
            assertThat(refused.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(refused.process().exitValue()).isEqualTo(1);
            assertThat(refused.stdout()).isEmpty();
            assertThat(refused.stderr().lines())
                    .singleElement()
                    .asString()
                    .startsWith("weir: ")
                    .contains(reason);
        }
    }

    private static String record(String fields) {
        return "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" + fields + "]}";
    }
}
