package dev.weir.schemas.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.avro.Schema;

/** A generated class's schema without the properties that tell Java how to represent a string. */
final class NeutralSchema {
    private static final ObjectMapper JSON = new ObjectMapper();

    private NeutralSchema() {}

    static Schema of(Schema schema) {
        try {
            JsonNode tree = JSON.readTree(schema.toString());
            strip(tree);
            return new Schema.Parser().parse(tree.toString());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(schema.getFullName() + ": its schema is no JSON: " + e.getMessage(), e);
        }
    }

    private static void strip(JsonNode node) {
        if (node instanceof ObjectNode) {
            ((ObjectNode) node).remove("avro.java.string");
        }
        node.forEach(NeutralSchema::strip);
    }
}
