package dev.weir.schemas.safetensors;

import com.fasterxml.jackson.core.JsonToken;
import dev.weir.schemas.tensor.Layout;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The index of a sharded model.
 *
 * @param shards the file of each tensor, in the order of the index
 * @param metadata the scalars of its {@code metadata}, as text
 */
record ShardIndex(Map<String, Path> shards, Map<String, String> metadata) {

    static ShardIndex read(Path index) {
        try (MappedFile bytes = MappedFile.open(index)) {
            return read(index, bytes);
        }
    }

    private static ShardIndex read(Path index, MappedFile bytes) {
        if (bytes.size() > HeaderReader.MAX_HEADER) {
            throw new SafetensorsException(
                    index,
                    null,
                    0,
                    "the index has " + bytes.size() + " bytes, at most " + HeaderReader.MAX_HEADER + " are allowed");
        }
        Map<String, Path> shards = null;
        Map<String, String> metadata = new LinkedHashMap<>();
        try (JsonCursor json = new JsonCursor(index, bytes.slice(0, (int) bytes.size()), 0)) {
            json.expect(JsonToken.START_OBJECT, "the index");
            for (String key = json.nextName(); key != null; key = json.nextName()) {
                switch (key) {
                    case "weight_map" -> shards = weightMap(index, json);
                    case "metadata" -> readMetadata(json, metadata);
                    default -> json.scalar();
                }
            }
            json.end();
            if (shards == null) {
                throw json.problem("field weight_map is missing");
            }
        }
        return new ShardIndex(shards, metadata);
    }

    private static Map<String, Path> weightMap(Path index, JsonCursor json) {
        Path folder = folder(index);
        Map<String, Path> known = new LinkedHashMap<>();
        Map<String, Path> shards = new LinkedHashMap<>();
        json.expect(JsonToken.START_OBJECT, "weight_map");
        for (String tensor = json.nextName(); tensor != null; tensor = json.nextName()) {
            json.in(tensor);
            String name = json.string("the shard of a tensor");
            Path shard = known.get(name);
            if (shard == null) {
                shard = shard(folder, name, json);
                known.put(name, shard);
            }
            if (shards.size() == Layout.MAX_TENSORS) {
                throw json.problem("more tensors than " + Layout.MAX_TENSORS + ", which is what is allowed");
            }
            shards.put(tensor, shard);
            json.in(null);
        }
        return shards;
    }

    private static Path shard(Path folder, String name, JsonCursor json) {
        Path shard;
        try {
            shard = folder.resolve(name).normalize();
        } catch (InvalidPathException e) {
            throw json.problem("shard " + name.replace("\0", "\\0") + " is no path: " + e.getReason());
        }
        if (!shard.startsWith(folder) || shard.equals(folder)) {
            throw json.problem("shard " + name + " lies outside the index's directory");
        }
        return shard;
    }

    private static Path folder(Path index) {
        Path absolute = index.toAbsolutePath().normalize();
        @Nullable Path parent = absolute.getParent();
        return parent == null ? absolute : parent;
    }

    private static void readMetadata(JsonCursor json, Map<String, String> metadata) {
        json.expect(JsonToken.START_OBJECT, "metadata");
        for (String key = json.nextName(); key != null; key = json.nextName()) {
            String value = json.scalar();
            if (value != null) {
                metadata.put(key, value);
            }
        }
    }
}
