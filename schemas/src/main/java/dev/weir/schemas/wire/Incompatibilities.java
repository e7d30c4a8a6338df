package dev.weir.schemas.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;

/** Says in terms of fields why one schema cannot read what another wrote. */
final class Incompatibilities {
    private Incompatibilities() {}

    /** What keeps the reader from reading the writer's records; empty when nothing does. */
    static Optional<String> between(Schema reader, Schema writer) {
        List<Incompatibility> found = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getResult()
                .getIncompatibilities();
        return found.isEmpty()
                ? Optional.empty()
                : Optional.of(found.stream()
                        .map(one -> "field " + path(reader, one.getLocation()) + ": " + one.getType() + " ("
                                + one.getMessage() + ")")
                        .collect(Collectors.joining(", ")));
    }

    /** The names of the fields along a pointer such as {@code /fields/2/type/items/fields/0}. */
    static String path(Schema schema, String pointer) {
        List<String> names = new ArrayList<>();
        Schema here = schema;
        String[] steps = pointer.substring(1).split("/");
        for (int i = 0; i < steps.length; i++) {
            String step = steps[i];
            if (step.equals("fields") && i + 1 < steps.length) {
                Schema.Field field = here.getFields().get(Integer.parseInt(steps[++i]));
                names.add(field.name());
                here = field.schema();
            } else if (step.equals("items")) {
                here = here.getElementType();
            } else if (step.equals("values")) {
                here = here.getValueType();
            } else if (here.getType() == Schema.Type.UNION && step.chars().allMatch(Character::isDigit)) {
                here = here.getTypes().get(Integer.parseInt(step));
            }
        }
        return names.isEmpty() ? schema.getName() : String.join(".", names);
    }
}
