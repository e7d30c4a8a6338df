package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.clients.Connection;
import dev.weir.clients.log.LogReader;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.schemas.topic.TopicAdmin;
import dev.weir.schemas.topic.Topics;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
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
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one running {@code weir up} promises. */
final class UpIT {

    private static final Path ROOT = Path.of(System.getProperty("weir.root", ".."));

    /** As pages say it. */
    private static final String AT = "--bootstrap 127.0.0.1:9092 --registry http://127.0.0.1:8081/apis/ccompat/v7";

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

    /** It has asked for more by then: the questions that follow, and the close, do not wait half a second for the answer. */
    @Test
    void whoHasReadToTheEndIsNotHeldBack() throws Exception {
        createTopic("read");
        Connection connection = new Connection(up.bootstrap(), up.registry());
        try (Producer<byte[], byte[]> producer = connection.producer(Map.of(), Map.of())) {
            producer.send(new ProducerRecord<>("read", 0, new byte[1], new byte[1]))
                    .get(30, TimeUnit.SECONDS);
        }
        long began = System.nanoTime();
        for (int i = 0; i < 10; i++) {
            try (LogReader log = new LogReader(connection.consumer("read_committed", Map.of()), "read", connection)) {
                log.read(0, 1, record -> {});
                assertThat(log.end()).isOne();
            }
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
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

    /** The commands of the page, in its order, against this broker and registry as if they were somebody's own. */
    @Test
    void onAKafkaOfOnesOwnThePageLeadsFromTopicsToAnAverage(@TempDir Path dir) throws Exception {
        List<Process> running = new ArrayList<>();
        try {
            String early = Cli.run(words("plan apply --bootstrap 127.0.0.1:9092 examples/plan.yaml", dir))
                    .err();
            assertThat(early).contains("model digits: has no topics", "weir topics apply --model digits");
            for (String line : commands()) {
                List<String> words = words(line, dir);
                if (words.get(0).equals("run")) {
                    running.add(ready(words, dir));
                } else {
                    Cli.Result done = Cli.run(words).succeeded();
                    assertThat(done.err()).as(line).isEmpty();
                }
            }
            Path lost = Files.writeString(
                    dir.resolve("lost.yaml"),
                    Files.readString(dir.resolve("merge.yaml")).replace(up.registry(), "http://127.0.0.1:1"));
            assertThat(Cli.run(List.of("run", "--config", lost.toString()))
                            .err()
                            .lines())
                    .singleElement()
                    .asString()
                    .startsWith("weir: registry http://127.0.0.1:1: ")
                    .contains("does not answer", "key `registry` of " + lost);
            String run = Files.readString(dir.resolve("merge.out")).strip().replace("ready http=", "");
            assertThat(Cli.run(words(
                                    "plan apply --http " + run + " --bootstrap 127.0.0.1:9092 examples/plan.yaml", dir))
                            .err())
                    .contains("this is `weir run`, which takes no plans");
            assertThat(Cli.run(List.of("status", "--http", run)).out()).startsWith("merge of model digits: running");
            assertThat(dir.resolve("digits/current/model.safetensors")).exists();
            numbersAndPredictionsAreOneDocument(dir);
            aRollbackFromAnotherBaselineIsRefused(dir);
            for (String role : List.of("merge", "coordinate", "compatibility")) {
                assertThat(Cli.said(dir.resolve(role + ".err"))).as(role).isEmpty();
            }
        } finally {
            for (Process process : running) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    private static void numbersAndPredictionsAreOneDocument(Path dir) throws Exception {
        Path predictions = Files.writeString(dir.resolve("predictions.csv"), "id,label,prediction\n1,1,1\n");
        String evaluate = "evaluate --model digits --channel ema-0.9 --version 1 --value accuracy=0.93 --json " + AT;
        Cli.Result done = Cli.run(words(evaluate + " " + predictions, dir)).succeeded();
        JsonNode document = new ObjectMapper()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .readTree(done.out());
        assertThat(document.path("values").path("accuracy").asDouble()).isEqualTo(0.93);
        assertThat(document.path("count").asInt()).isEqualTo(1);
    }

    private static void aRollbackFromAnotherBaselineIsRefused(Path dir) throws Exception {
        Cli.run(words("promote --model digits --channel ema-0.9 --version 1 " + AT, dir))
                .succeeded();
        Cli.Result refused = Cli.run(words("rollback --model digits --from swa:9 " + AT, dir));
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err())
                .contains("another baseline is in force than the one to go back from, channel swa version 9");
    }

    private static List<String> commands() throws IOException {
        return Files.readAllLines(ROOT.resolve("docs/own-kafka.md")).stream()
                .filter(line -> line.startsWith("./weir "))
                .map(line -> line.substring("./weir ".length()))
                .toList();
    }

    /** With the addresses and folders of this test. */
    private static List<String> words(String line, Path dir) throws IOException {
        List<String> words = new ArrayList<>();
        for (String word : placed(line, dir).split(" ")) {
            if (word.endsWith("/own-kafka/" + Path.of(word).getFileName())) {
                Path file = dir.resolve(Path.of(word).getFileName());
                words.add(Files.writeString(file, placed(Files.readString(Path.of(word)), dir))
                        .toString());
            } else {
                words.add(word);
            }
        }
        return words;
    }

    private static String placed(String text, Path dir) {
        return text.replace("127.0.0.1:9092", up.bootstrap())
                .replace("http://127.0.0.1:8081/apis/ccompat/v7", up.registry())
                .replace("./.weir-data/own-kafka", dir.resolve("data").toString())
                .replace("serving/digits", dir.resolve("digits").toString())
                .replaceAll("(?<= )examples/", ROOT.toAbsolutePath() + "/examples/");
    }

    private static Process ready(List<String> run, Path dir) throws Exception {
        String role = Path.of(run.getLast()).getFileName().toString().replace(".yaml", "");
        Path out = dir.resolve(role + ".out");
        Path err = dir.resolve(role + ".err");
        Process process = Cli.start(run, out, err);
        UpProcess.await(Duration.ofSeconds(90), () -> content(out).contains("ready ") || !process.isAlive());
        assertThat(process.isAlive())
                .as(() -> "alive; it said: " + content(err))
                .isTrue();
        return process;
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
