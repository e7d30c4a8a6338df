package dev.weir.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.RunKey;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class RegistryTest {
    private static final Map<String, ?> SHORT = Map.of("http.connect.timeout.ms", "500", "http.read.timeout.ms", 500);

    private final String url = Samples.freshRegistry();

    @Test
    void connectingRegistersEveryRecordUnderItsNameAndGuardsIt() throws Exception {
        Registry.connect(url, Map.of()).close();

        SchemaRegistryClient client = Samples.client(url);
        for (Schema schema : Registry.protocol()) {
            assertThat(client.getAllVersions(schema.getFullName())).containsExactly(1);
            assertThat(client.getLatestSchemaMetadata(schema.getFullName()).getSchema())
                    .isEqualTo(schema.toString());
            assertThat(client.getCompatibility(schema.getFullName())).isEqualTo("FULL_TRANSITIVE");
        }
        assertThat(client.getAllSubjects()).hasSameSizeAs(Registry.protocol());
    }

    @Test
    void processesThatConnectAtOnceGetTheSameIds() {
        Set<String> frames = IntStream.range(0, 16)
                .parallel()
                .mapToObj(i -> Registry.connect(url, Map.of()).codec().write(new RunKey(1, "run-a")))
                .map(java.util.HexFormat.of()::formatHex)
                .collect(Collectors.toSet());

        assertThat(frames).hasSize(1);
    }

    @Test
    void connectingAgainKeepsTheCompatibilityThatSomebodyChose() throws Exception {
        Registry.connect(url, Map.of()).close();
        Samples.client(url).updateCompatibility(RunKey.SCHEMA$.getFullName(), "FULL");

        Registry.connect(url, Map.of()).close();

        assertThat(Samples.client(url).getCompatibility(RunKey.SCHEMA$.getFullName()))
                .isEqualTo("FULL");
    }

    @Test
    void aRegisteredSchemaThatLacksAFieldIsRefusedWithSubjectAndField() {
        Samples.register(url, without(Chunk.SCHEMA$, "crc32c"));

        assertThatThrownBy(() -> Registry.connect(url, Map.of()))
                .isInstanceOf(RegistryException.class)
                .hasMessageStartingWith(
                        "subject dev.weir.schemas.record.Chunk: field crc32c: READER_FIELD_MISSING_DEFAULT_VALUE")
                .hasMessageContaining("allowed: FULL_TRANSITIVE changes")
                .hasMessageContaining("next: ")
                .extracting("retriable")
                .isEqualTo(false);
    }

    @Test
    void aRegisteredSchemaWithAFieldThatWeLackIsRefusedAsWell() {
        String more = RunKey.SCHEMA$
                .toString()
                .replace("{\"name\":\"run\"", "{\"name\":\"rank\",\"type\":\"int\"},{\"name\":\"run\"");
        Samples.register(url, new Schema.Parser().parse(more));

        assertThatThrownBy(() -> Registry.connect(url, Map.of()))
                .hasMessageStartingWith("subject dev.weir.schemas.record.RunKey: field rank: ");
    }

    @Test
    void aFieldDeepInsideIsNamedWithItsPath() {
        String other = Applied.SCHEMA$
                .toString()
                .replace("{\"name\":\"chunks\",\"type\":\"int\"", "{\"name\":\"chunks\",\"type\":\"string\"");
        Samples.register(url, new Schema.Parser().parse(other));

        assertThatThrownBy(() -> Registry.connect(url, Map.of()))
                .hasMessageStartingWith(
                        "subject dev.weir.schemas.record.Applied: field emitted.part.chunks: TYPE_MISMATCH");
    }

    @Test
    void aReaderOnlyLooksUp() {
        assertThatThrownBy(() -> Registry.connectReadOnly(url, Map.of()))
                .isInstanceOf(RegistryException.class)
                .hasMessageStartingWith(
                        "subject dev.weir.schemas.record.Applied: this build's schema is not registered");

        byte[] bytes = Registry.connect(url, Map.of()).codec().write(new RunKey(1, "run-a"));

        assertThat(Registry.connectReadOnly(url, Map.of()).codec().read(bytes)).isEqualTo(new RunKey(1, "run-a"));
    }

    @Test
    void aRegistryThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> Registry.connect("http://127.0.0.1:1", Map.of()))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("http://127.0.0.1:1 does not answer")
                .extracting("retriable")
                .isEqualTo(true);
    }

    @Test
    void aRegistryThatStaysSilentIsGivenUp() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String address = "http://127.0.0.1:" + silent.getLocalPort();

            assertThatThrownBy(() -> Registry.connect(address, SHORT))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining(address + " does not answer");
        }
    }

    @Test
    void anAddressThatIsNoneIsRefused() {
        for (String wrong : List.of("", "nowhere")) {
            assertThatThrownBy(() -> Registry.connect(wrong, SHORT)).isInstanceOf(RegistryException.class);
        }
    }

    @Test
    void aRegistryThatFailsIsNoFaultOfTheRecord() {
        RecordCodec codec = new RecordCodec(Map.of(), id -> {
            throw RegistryException.unavailable("gone", new java.io.IOException());
        });

        assertThatThrownBy(() -> codec.read(new byte[] {0, 0, 0, 0, 1, 2})).isInstanceOf(RegistryException.class);
    }

    private static Schema without(Schema schema, String name) {
        List<Schema.Field> rest = schema.getFields().stream()
                .filter(field -> !field.name().equals(name))
                .map(field -> new Schema.Field(field, field.schema()))
                .collect(Collectors.toList());
        return Schema.createRecord(schema.getName(), "", schema.getNamespace(), false, rest);
    }
}
