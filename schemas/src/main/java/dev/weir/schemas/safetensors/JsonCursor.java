package dev.weir.schemas.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON of a header or an index token by token, so that nothing is allocated by what it claims. Refuses
 * duplicate names and malformed UTF-8. Knows the tensor it is in, for errors.
 */
final class JsonCursor implements AutoCloseable {

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .build();

    private final Path file;
    private final long start;
    private final JsonParser parser;
    private @Nullable String tensor;

    /** A cursor before the first token of those bytes, which lie at that byte of the file. */
    JsonCursor(Path file, ByteBuffer json, long start) {
        this.file = file;
        this.start = start;
        checkUtf8(json.duplicate());
        try {
            this.parser = FACTORY.createParser(new ByteBufferBackedInputStream(json.duplicate()));
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Says which tensor the tokens from here on speak of. */
    void in(@Nullable String name) {
        tensor = name;
    }

    /** Moves to the next token, which must be that one. */
    void expect(JsonToken wanted, String what) {
        JsonToken found = next();
        if (found != wanted) {
            throw problem(what + " must be " + wanted + ", found " + (found == null ? "the end" : found));
        }
    }

    /** Moves to the next name in the object that is open, or behind its end: then null. */
    @Nullable
    String nextName() {
        JsonToken found = next();
        if (found == JsonToken.END_OBJECT) {
            return null;
        }
        if (found != JsonToken.FIELD_NAME) {
            throw problem("a name or the end of the object must follow, found " + (found == null ? "the end" : found));
        }
        try {
            return parser.currentName();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Moves to the next element of the array that is open, an integer of 0 or more, or behind its end: then -1. */
    long nextSize(String what) {
        JsonToken found = next();
        if (found == JsonToken.END_ARRAY) {
            return -1;
        }
        if (found != JsonToken.VALUE_NUMBER_INT) {
            throw problem(what + " must hold integers, found " + (found == null ? "the end" : found));
        }
        try {
            if (parser.getNumberType() != JsonParser.NumberType.INT
                    && parser.getNumberType() != JsonParser.NumberType.LONG) {
                throw problem(what + " holds " + parser.getText() + ", which exceeds a long");
            }
            long size = parser.getLongValue();
            if (size < 0) {
                throw problem(what + " holds " + size + ", allowed is 0 or more");
            }
            return size;
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Moves to the next token, a string. */
    String string(String what) {
        expect(JsonToken.VALUE_STRING, what);
        return text();
    }

    /** Moves to the next token: the text of a scalar, or null for an object or array, which is passed over. */
    @Nullable
    String scalar() {
        JsonToken found = next();
        if (found == null || found.isScalarValue()) {
            return text();
        }
        try {
            parser.skipChildren();
            return null;
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Checks that only white space follows. */
    void end() {
        JsonToken found = next();
        if (found != null) {
            throw problem("nothing may follow the object, found " + found);
        }
    }

    /** Byte of the file at which the current token starts. */
    long offset() {
        return start + Math.max(0, parser.currentTokenLocation().getByteOffset());
    }

    SafetensorsException problem(String problem) {
        return new SafetensorsException(file, tensor, offset(), problem);
    }

    private String text() {
        try {
            String text = parser.getText();
            if (text == null) {
                throw problem("a value must follow, found the end");
            }
            return text;
        } catch (IOException e) {
            throw broken(e);
        }
    }

    private @Nullable JsonToken next() {
        try {
            return parser.nextToken();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    private SafetensorsException broken(IOException e) {
        if (e instanceof JsonProcessingException json) {
            long at = json.getLocation() == null
                    ? 0
                    : Math.max(0, json.getLocation().getByteOffset());
            return new SafetensorsException(
                    file, tensor, start + at, "not the JSON it must be: " + json.getOriginalMessage(), e);
        }
        return new SafetensorsException(file, tensor, start, "cannot be read: " + e, e);
    }

    private void checkUtf8(ByteBuffer bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer chars = CharBuffer.allocate(8_192);
        CoderResult result;
        do {
            result = decoder.decode(bytes, chars.clear(), true);
        } while (result.isOverflow());
        if (result.isError()) {
            throw new SafetensorsException(file, null, start + bytes.position(), "malformed UTF-8");
        }
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException e) {
            throw broken(e);
        }
    }
}
