package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.RawTrainer;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.topic.TopicSpec;
import dev.weir.schemas.wire.Registry;
import dev.weir.schemas.wire.RegistryException;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What is on the topics is plain Avro to anybody who has the registry. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RegistryIT {

    private static final Weights WEIGHTS = Weights.random(Weights.SMALL, 3);

    @TempDir
    private static Path data;

    private final List<byte[]> writtenAtOnce = new ArrayList<>();
    private UpProcess up;
    private Model model;

    @BeforeAll
    void start() throws Exception {
        up = UpProcess.start(data, Ports.free()).awaitReady();
        registerAtOnce();
        model = Model.apply(up, "plain", Model.ema(0.9));
        try (Publisher publisher = model.publisher("run-1", WEIGHTS)) {
            publisher.publish(1, WEIGHTS.source());
            publisher.publish(2, WEIGHTS.source());
        }
        try (RawTrainer raw = RawTrainer.of(model, "run-2", 1, WEIGHTS.layout())) {
            raw.send(raw.chunk(1, 0, WEIGHTS));
        }
    }

    @AfterAll
    void stop() {
        if (model != null) {
            model.close();
        }
        up.close();
    }

    /** On a registry that has none of the schemas yet. */
    private void registerAtOnce() throws Exception {
        Callable<byte[]> connect = () -> {
            try (Registry registry = Registry.connect(up.registry(), Map.of())) {
                return registry.codec().write(new ModelKey(1, "m"));
            }
        };
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (Future<byte[]> done : threads.invokeAll(List.of(connect, connect))) {
                writtenAtOnce.add(done.get());
            }
        }
    }

    @Test
    void twoRegistrationsAtOnceBothSucceedWithTheSameIds() {
        assertThat(writtenAtOnce).hasSize(2);
        assertThat(writtenAtOnce.get(0)).isEqualTo(writtenAtOnce.get(1));
    }

    @Test
    void everySubjectIsFullyCompatible() throws Exception {
        try (SchemaRegistryClient client = new CachedSchemaRegistryClient(up.registry(), 100)) {
            Set<String> subjects = new TreeSet<>(client.getAllSubjects());
            for (Schema schema : Registry.protocol()) {
                assertThat(subjects).contains(schema.getFullName());
                assertThat(client.getCompatibility(schema.getFullName())).isEqualTo("FULL_TRANSITIVE");
            }
        }
    }

    @Test
    void everyRecordOfEveryTopicDecodesWithTheRegistryAlone() throws Exception {
        UpProcess.await(
                java.time.Duration.ofSeconds(30),
                () -> !model.records(model.topics().dlq()).isEmpty());
        Set<String> seen = new TreeSet<>();
        try (SchemaRegistryClient client = new CachedSchemaRegistryClient(up.registry(), 100)) {
            for (TopicSpec topic : model.topics().catalogue(RawTrainer.PARTITIONS)) {
                if (topic.keyRecord().isEmpty()) {
                    continue; // a store's own bytes
                }
                for (ConsumerRecord<byte[], byte[]> next : model.records(topic.name())) {
                    assertThat(decode(client, next.key()).getSchema().getFullName())
                            .isEqualTo(topic.keyRecord());
                    if (next.value() != null) {
                        GenericRecord value = decode(client, next.value());
                        assertThat(topic.valueRecords())
                                .contains(value.getSchema().getFullName());
                        assertThat(value.get("formatVersion")).isEqualTo(1);
                        seen.add(topic.name() + " " + value.getSchema().getName());
                    }
                }
            }
        }
        assertThat(seen)
                .contains(
                        "plain.deltas Open",
                        "plain.deltas Chunk",
                        "plain.deltas End",
                        "plain.deltas Decision",
                        "plain.deltas Plan",
                        "plain.acks Sealed",
                        "plain.merged MergedChunk",
                        "plain.merged MergedEnd",
                        "plain.snapshots Manifest",
                        "plain.decisions Decision",
                        "plain.plans PlanProposal",
                        "plain.runs Run",
                        "plain.dlq DeadLetter");
    }

    @Test
    void anIncompatibleSchemaIsRefusedByItsSubjectAndField(@TempDir Path other) throws Exception {
        String subject = "dev.weir.schemas.record.Chunk";
        AvroSchema foreign = new AvroSchema("""
                {"type": "record", "name": "Chunk", "namespace": "dev.weir.schemas.record",
                 "fields": [{"name": "run", "type": "long"}]}""");
        try (UpProcess second = UpProcess.start(other, Ports.free()).awaitReady()) {
            try (SchemaRegistryClient client = new CachedSchemaRegistryClient(second.registry(), 10)) {
                client.register(subject, foreign);
            }
            assertThatThrownBy(() -> Registry.connect(second.registry(), Map.of()))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("subject " + subject)
                    .hasMessageContaining("field run: TYPE_MISMATCH");
            Path plan = other.resolve("plan.yaml");
            java.nio.file.Files.writeString(plan, "model: m\nchannels: [" + Model.ema(0.9) + "]\n");
            Cli.Result applied = second.weir("plan", "apply", plan.toString());
            assertThat(applied.exit()).isEqualTo(1);
            UpProcess.await(Duration.ofSeconds(60), () -> second.stderr().contains("field run: TYPE_MISMATCH"));
            assertThat(second.stderr()).contains("weir: ", "subject " + subject);
            assertThat(second.healthy()).isFalse();
            assertThat(second.child("broker").isAlive()).isTrue();
        }
    }

    /** Byte 0, the id, Avro to the last byte. */
    private static GenericRecord decode(SchemaRegistryClient client, byte[] bytes) throws Exception {
        ByteBuffer frame = ByteBuffer.wrap(bytes);
        assertThat(frame.get()).isZero();
        Schema writer = ((AvroSchema) client.getSchemaById(frame.getInt())).rawSchema();
        BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, frame.position(), frame.remaining(), null);
        GenericRecord decoded = new GenericDatumReader<GenericRecord>(writer).read(null, decoder);
        assertThat(decoder.isEnd()).isTrue();
        return decoded;
    }
}
