package dev.weir.schemas.wire;

import org.apache.avro.Schema;

/**
 * Walks a record's bytes along its writer's schema before anything is allocated for them, so that what is decoded
 * afterwards is complete and takes memory in proportion to its bytes.
 */
final class Structure {
    private static final int MAX_DEPTH = 64;

    private Structure() {}

    /** Checks one record up to the cursor's limit exactly, its format version included. */
    static void check(Schema writer, Cursor in) {
        for (Schema.Field field : writer.getFields()) {
            in.field(field.name());
            if (field.name().equals("formatVersion") && field.schema().getType() == Schema.Type.INT) {
                Protocol.checkFormat(writer.getName(), in.readInt());
            } else {
                skip(field.schema(), in, 1);
            }
        }
        in.expectEnd();
    }

    private static void skip(Schema schema, Cursor in, int depth) {
        if (depth > MAX_DEPTH) {
            throw in.notAvro("nested deeper than " + MAX_DEPTH);
        }
        switch (schema.getType()) {
            case NULL -> {}
            case BOOLEAN -> choice(in, in.readByte(), 2);
            case INT -> in.readInt();
            case LONG -> in.readLong();
            case FLOAT -> in.skip(Float.BYTES);
            case DOUBLE -> in.skip(Double.BYTES);
            case FIXED -> in.skip(schema.getFixedSize());
            case STRING, BYTES -> in.skip(in.readLength());
            case ENUM -> choice(in, in.readInt(), schema.getEnumSymbols().size());
            case UNION -> {
                int branch = in.readInt();
                choice(in, branch, schema.getTypes().size());
                skip(schema.getTypes().get(branch), in, depth + 1);
            }
            case ARRAY -> skipBlocks(schema.getElementType(), in, depth, false);
            case MAP -> skipBlocks(schema.getValueType(), in, depth, true);
            case RECORD -> {
                for (Schema.Field field : schema.getFields()) {
                    skip(field.schema(), in.field(field.name()), depth + 1);
                }
            }
        }
    }

    private static void skipBlocks(Schema item, Cursor in, int depth, boolean named) {
        for (long count = in.readCount(); count > 0; count = in.readCount()) {
            for (long i = 0; i < count; i++) {
                if (named) {
                    in.skip(in.readLength());
                }
                skip(item, in, depth + 1);
            }
        }
    }

    private static void choice(Cursor in, int chosen, int choices) {
        if (chosen < 0 || chosen >= choices) {
            throw in.notAvro("choice " + chosen + ", allowed: 0 to " + (choices - 1));
        }
    }
}
