package dev.weir.topology.coordinate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;
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

    /** Where the entries lie. */
    private interface Entries {
        byte @Nullable [] get(String key);

        void put(String key, byte[] value);

        void delete(String key);

        /** Shows the entries whose keys begin with the prefix, in order, until the visitor has seen enough. */
        void visit(String prefix, BiPredicate<String, byte[]> visitor);
    }

    private final Entries store;

    StateStore(KeyValueStore<String, byte[]> store) {
        this.store = new Entries() {
            @Override
            public byte @Nullable [] get(String key) {
                return store.get(key);
            }

            @Override
            public void put(String key, byte[] value) {
                store.put(key, value);
            }

            @Override
            public void delete(String key) {
                store.delete(key);
            }

            @Override
            public void visit(String prefix, BiPredicate<String, byte[]> visitor) {
                try (KeyValueIterator<String, byte[]> range = store.range(prefix, prefix + "\uffff")) {
                    while (range.hasNext()) {
                        KeyValue<String, byte[]> entry = range.next();
                        if (!visitor.test(entry.key, entry.value)) {
                            return;
                        }
                    }
                }
            }
        };
    }

    private StateStore(NavigableMap<String, byte[]> map) {
        this.store = new Entries() {
            @Override
            public byte @Nullable [] get(String key) {
                return map.get(key);
            }

            @Override
            public void put(String key, byte[] value) {
                map.put(key, value);
            }

            @Override
            public void delete(String key) {
                map.remove(key);
            }

            @Override
            public void visit(String prefix, BiPredicate<String, byte[]> visitor) {
                for (Map.Entry<String, byte[]> entry :
                        map.subMap(prefix, true, prefix + "\uffff", true).entrySet()) {
                    if (!visitor.test(entry.getKey(), entry.getValue())) {
                        return;
                    }
                }
            }
        };
    }

    /** A view of a map of its own, which goes with it: for replays. */
    static StateStore inMemory() {
        return new StateStore(new TreeMap<>());
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
        store.visit(prefix, (key, value) -> keys.add(key));
        return keys;
    }

    /** Values whose keys begin with the prefix, in order of the keys; the list is a copy. */
    <T> List<T> values(String prefix, Class<T> type) {
        List<T> values = new ArrayList<>();
        store.visit(prefix, (key, value) -> values.add(parse(value, type)));
        return values;
    }

    /** Deletes the first entry whose key begins with the prefix. */
    void deleteFirst(String prefix) {
        List<String> first = new ArrayList<>(1);
        store.visit(prefix, (key, value) -> {
            first.add(key);
            return false;
        });
        first.forEach(store::delete);
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
