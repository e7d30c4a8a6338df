package dev.weir.schemas.safetensors;

import com.fasterxml.jackson.core.JsonToken;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads and checks the header of a file: eight bytes that hold its length, little-endian, then that much JSON. */
final class HeaderReader {

    /** Bytes of a header's JSON at most. */
    static final long MAX_HEADER = 100_000_000;

    private static final int LENGTH_BYTES = 8;
    private static final String METADATA = "__metadata__";

    private final Path file;
    private final JsonCursor json;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private HeaderReader(Path file, JsonCursor json) {
        this.file = file;
        this.json = json;
    }

    static Header read(Path file, MappedFile bytes) {
        if (bytes.size() < LENGTH_BYTES) {
            throw new SafetensorsException(
                    file, null, 0, "the file has " + bytes.size() + " bytes, the header's length alone has 8");
        }
        long length =
                bytes.slice(0, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 0 || length > MAX_HEADER) {
            throw new SafetensorsException(
                    file,
                    null,
                    0,
                    "the header claims " + Long.toUnsignedString(length) + " bytes, at most " + MAX_HEADER
                            + " are allowed");
        }
        if (length > bytes.size() - LENGTH_BYTES) {
            throw new SafetensorsException(
                    file,
                    null,
                    0,
                    "the header claims " + length + " bytes, the file has " + (bytes.size() - LENGTH_BYTES)
                            + " behind its length");
        }
        ByteBuffer header = bytes.slice(LENGTH_BYTES, (int) length);
        if (length == 0 || header.get(0) != '{') {
            throw new SafetensorsException(file, null, LENGTH_BYTES, "the header must start with {");
        }
        long dataStart = LENGTH_BYTES + length;
        try (JsonCursor json = new JsonCursor(file, header, LENGTH_BYTES)) {
            HeaderReader reader = new HeaderReader(file, json);
            reader.object();
            return Header.checked(file, reader.entries, reader.metadata, dataStart, bytes.size() - dataStart);
        }
    }

    private void object() {
        json.expect(JsonToken.START_OBJECT, "the header");
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            json.in(name);
            if (name.equals(METADATA)) {
                readMetadata();
            } else {
                readTensor(name, json.offset());
            }
            json.in(null);
        }
        json.end();
    }

    private void readMetadata() {
        json.expect(JsonToken.START_OBJECT, METADATA);
        for (String key = json.nextName(); key != null; key = json.nextName()) {
            metadata.put(key, json.string(METADATA + "." + key));
        }
    }

    private void readTensor(String name, long offset) {
        if (entries.size() == Layout.MAX_TENSORS) {
            throw json.problem("more tensors than " + Layout.MAX_TENSORS + ", which is what is allowed");
        }
        String dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        json.expect(JsonToken.START_OBJECT, "a tensor");
        for (String key = json.nextName(); key != null; key = json.nextName()) {
            switch (key) {
                case "dtype" -> dtype = json.string(key);
                case "shape" -> shape = sizes(key, TensorSpec.MAX_RANK);
                case "data_offsets" -> offsets = sizes(key, 2);
                default -> throw json.problem("field " + key + " is none of dtype, shape, data_offsets");
            }
        }
        List<Long> range = present(offsets, "data_offsets");
        if (range.size() != 2) {
            throw new SafetensorsException(
                    file, name, offset, "data_offsets has " + range.size() + " numbers, 2 are needed");
        }
        TensorSpec spec = spec(name, present(dtype, "dtype"), present(shape, "shape"), offset);
        entries.add(new Entry(spec, range.get(0), range.get(1), offset));
    }

    private List<Long> sizes(String what, int atMost) {
        json.expect(JsonToken.START_ARRAY, what);
        List<Long> sizes = new ArrayList<>();
        for (long size = json.nextSize(what); size >= 0; size = json.nextSize(what)) {
            if (sizes.size() == atMost) {
                throw json.problem(what + " has more than " + atMost + " numbers, which is what is allowed");
            }
            sizes.add(size);
        }
        return sizes;
    }

    private <T> T present(@Nullable T value, String field) {
        if (value == null) {
            throw json.problem("field " + field + " is missing");
        }
        return value;
    }

    private TensorSpec spec(String name, String dtype, List<Long> shape, long offset) {
        try {
            return new TensorSpec(name, Dtype.of(dtype), shape);
        } catch (IllegalArgumentException e) {
            throw new SafetensorsException(file, name, offset, String.valueOf(e.getMessage()), e);
        }
    }
}
