package dev.weir.schemas.safetensors;

import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * The header that a layout has in canonical form: metadata, if there are any, in order of their keys, then tensors in byte order
 * of their names, no white space but spaces behind the JSON up to a multiple of eight bytes.
 */
final class CanonicalHeader {

    private CanonicalHeader() {}

    /** The JSON with its padding, without the length before it. */
    static byte[] of(Layout layout, SortedMap<String, String> metadata) {
        StringBuilder json = new StringBuilder("{");
        if (!metadata.isEmpty()) {
            json.append("\"__metadata__\":{");
            metadata.forEach((key, value) -> {
                json.append(json.charAt(json.length() - 1) == '{' ? "" : ",");
                quote(key, json);
                json.append(':');
                quote(value, json);
            });
            json.append('}');
        }
        long begin = 0;
        for (TensorSpec tensor : layout.tensors()) {
            long end = begin + tensor.byteSize();
            if (json.length() > 1) {
                json.append(',');
            }
            quote(tensor.name(), json);
            json.append(":{\"dtype\":\"").append(tensor.dtype().label()).append("\",\"shape\":[");
            json.append(tensor.shape().stream().map(String::valueOf).collect(Collectors.joining(",")));
            json.append("],\"data_offsets\":[")
                    .append(begin)
                    .append(',')
                    .append(end)
                    .append("]}");
            begin = end;
            if (json.length() > HeaderReader.MAX_HEADER) {
                break;
            }
        }
        byte[] bytes = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > HeaderReader.MAX_HEADER) {
            throw new IllegalArgumentException("the header of " + layout + " exceeds " + HeaderReader.MAX_HEADER
                    + " bytes, which is what is allowed");
        }
        byte[] padded = Arrays.copyOf(bytes, (bytes.length + 7) & ~7);
        Arrays.fill(padded, bytes.length, padded.length, (byte) ' ');
        return padded;
    }

    /** As JSON asks for: escapes quotes, backslashes and what is below a space, the rest as it is. */
    private static void quote(String text, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\b' -> json.append("\\b");
                case '\t' -> json.append("\\t");
                case '\n' -> json.append("\\n");
                case '\f' -> json.append("\\f");
                case '\r' -> json.append("\\r");
                default -> {
                    if (c < ' ') {
                        json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }
}
