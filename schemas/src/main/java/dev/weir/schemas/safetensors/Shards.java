package dev.weir.schemas.safetensors;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Opens the shards of an index: every tensor must be in its shard, and no shard may hold another. */
final class Shards {

    private Shards() {}

    static void open(Path indexFile, Map<String, Slot> slots, Map<String, String> metadata, List<MappedFile> files) {
        ShardIndex index = ShardIndex.read(indexFile);
        for (Path shard : new LinkedHashSet<>(index.shards().values())) {
            if (!Files.isRegularFile(shard)) {
                throw new SafetensorsException(
                        shard, firstOf(index, shard), 0, "the shard is missing, " + indexFile + " needs it");
            }
            Map<String, Slot> inShard = new LinkedHashMap<>();
            SafetensorsFile.openOne(shard, inShard, metadata, files);
            for (Slot slot : inShard.values()) {
                String name = slot.spec().name();
                if (!shard.equals(index.shards().get(name))) {
                    throw new SafetensorsException(
                            shard,
                            name,
                            slot.offset(),
                            "the shard holds a tensor that " + indexFile
                                    + (index.shards().containsKey(name) ? " places in another" : " does not name"));
                }
            }
            slots.putAll(inShard);
        }
        for (Map.Entry<String, Path> wanted : index.shards().entrySet()) {
            if (!slots.containsKey(wanted.getKey())) {
                throw new SafetensorsException(
                        wanted.getValue(),
                        wanted.getKey(),
                        0,
                        "the shard lacks the tensor, " + indexFile + " places it here");
            }
        }
        metadata.putAll(index.metadata());
    }

    private static String firstOf(ShardIndex index, Path shard) {
        for (Map.Entry<String, Path> entry : index.shards().entrySet()) {
            if (entry.getValue().equals(shard)) {
                return entry.getKey();
            }
        }
        throw new IllegalStateException(shard + " is no shard of the index");
    }
}
