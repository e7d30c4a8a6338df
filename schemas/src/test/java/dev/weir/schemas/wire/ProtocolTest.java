package dev.weir.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class ProtocolTest {
    @Test
    void everySchemaFileIsInTheProtocol() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("src/main/avro"))) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".avsc"))
                    .map(name -> "dev.weir.schemas.record." + name.substring(0, name.length() - ".avsc".length()))
                    .collect(Collectors.toList());

            assertThat(Registry.protocol().stream().map(Schema::getFullName))
                    .containsExactlyInAnyOrderElementsOf(names);
        }
    }

    @Test
    void everyRecordBeginsWithItsFormatVersion() {
        for (Schema schema : Registry.protocol()) {
            Schema.Field first = schema.getFields().get(0);

            assertThat(first.name()).as(schema.getFullName()).isEqualTo("formatVersion");
            assertThat(first.schema().getType()).as(schema.getFullName()).isEqualTo(Schema.Type.INT);
            assertThat(first.defaultVal()).as(schema.getFullName()).isEqualTo(Protocol.FORMAT_VERSION);
        }
    }

    @Test
    void aPayloadIsTheLastField() {
        for (Schema schema : Registry.protocol()) {
            Schema.Field payload = schema.getField("payload");
            if (payload != null) {
                assertThat(payload.pos()).isEqualTo(schema.getFields().size() - 1);
            }
        }
    }

    @Test
    void whatIsRegisteredSaysNothingAboutJava() {
        assertThat(Registry.protocol().toString()).doesNotContain("java");
        for (RecordType type : Protocol.TYPES) {
            assertThat(Incompatibilities.between(type.schema(), type.published()))
                    .isEmpty();
        }
    }
}
