package dev.weir.topology.coordinate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Typed view of the coordinator's store: keys are words joined by slashes, numbers in them padded so that they sort;
 * values are JSON.
 */
final class StateStore {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final KeyValueStore<String, byte[]> store;

    StateStore(KeyValueStore<String, byte[]> store) {
        this.store = store;
    }

    /** A number as part of a key; sorts as it counts. */
    static String number(long value) {
        return String.format(Locale.ROOT, "%019d", value);
    }

    <T> @Nullable T get(String key, Class<T> type) {
        byte[] value = store.get(key);
        return value == null ? null : parse(value, type);
    }

    void put(String key, Object value) {
        try {
            store.put(key, JSON.writeValueAsBytes(value));
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    void delete(String key) {
        store.delete(key);
    }

    /** Keys that begin with the prefix, in order; the list is a copy. */
    List<String> keys(String prefix) {
        List<String> keys = new ArrayList<>();
        try (KeyValueIterator<String, byte[]> range = store.range(prefix, prefix + "\uffff")) {
            range.forEachRemaining(entry -> keys.add(entry.key));
        }
        return keys;
    }

    /** Values whose keys begin with the prefix, in order of the keys; the list is a copy. */
    <T> List<T> values(String prefix, Class<T> type) {
        List<T> values = new ArrayList<>();
        try (KeyValueIterator<String, byte[]> range = store.range(prefix, prefix + "\uffff")) {
            while (range.hasNext()) {
                KeyValue<String, byte[]> entry = range.next();
                values.add(parse(entry.value, type));
            }
        }
        return values;
    }

    /** Deletes the first entry whose key begins with the prefix. */
    void deleteFirst(String prefix) {
        String first;
        try (KeyValueIterator<String, byte[]> range = store.range(prefix, prefix + "\uffff")) {
            first = range.hasNext() ? range.next().key : null;
        }
        if (first != null) {
            store.delete(first);
        }
    }

    private static <T> T parse(byte[] value, Class<T> type) {
        try {
            return JSON.readValue(value, type);
        } catch (IOException corrupt) {
            throw new IllegalStateException(
                    "coordinator's state is no " + type.getSimpleName() + ": "
                            + new String(value, StandardCharsets.UTF_8),
                    corrupt);
        }
    }
}
