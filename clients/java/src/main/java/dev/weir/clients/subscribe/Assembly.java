package dev.weir.clients.subscribe;

import dev.weir.clients.ClientException;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedPart;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.ContentDigest;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/** Puts a version together from its chunks and checks every digest on the way. */
final class Assembly {

    /** Where the chunks come from, asked for in order of their numbers. */
    @FunctionalInterface
    interface Chunks {
        MergedChunk next(int partition, int number);
    }

    private final Manifest manifest;

    Assembly(Manifest manifest) {
        this.manifest = manifest;
    }

    /**
     * Writes the version as a safetensors file, which appears only if everything is as the manifest says.
     *
     * @param metadata what the file's header says beside the tensors
     * @throws ClientException if anything is not
     */
    void write(Chunks chunks, Path file, SortedMap<String, String> metadata) {
        Layout layout = layout();
        Set<String> skipped = new HashSet<>(manifest.getSkipped());
        List<TensorSpec> tensors = layout.tensors().stream()
                .filter(tensor -> !skipped.contains(tensor.name()))
                .toList();
        Layout kept = Layout.of(tensors, layout.chunkElements());
        SafetensorsWriter writer = SafetensorsWriter.create(file, kept, metadata);
        try {
            copy(chunks, layout, skipped, kept, writer);
            writer.close();
        } finally {
            writer.abandon();
        }
    }

    private Layout layout() {
        if (manifest.getParts().isEmpty()) {
            throw damaged("its manifest names no parts");
        }
        try {
            return Layout.fromRecord(manifest.getLayout());
        } catch (IllegalArgumentException none) {
            throw damaged("its manifest's layout is none: " + none.getMessage());
        }
    }

    private void copy(Chunks chunks, Layout layout, Set<String> skipped, Layout kept, SafetensorsWriter writer) {
        ContentDigest content = new ContentDigest(kept);
        int partitions = manifest.getParts().size();
        Map<Integer, PartDigest> parts = new HashMap<>();
        for (int number = 0; number < layout.chunkCount(); number++) {
            ChunkSpec spec = layout.chunk(number);
            String tensor = layout.tensorOf(spec).name();
            if (skipped.contains(tensor)) {
                continue;
            }
            int partition = Layout.partition(number, partitions);
            MergedChunk chunk = chunks.next(partition, number);
            ByteBuffer bytes = chunk.getPayload();
            int crc = Crc.crc32c(bytes);
            if (crc != chunk.getCrc32c() || bytes.remaining() != spec.byteSize()) {
                throw damaged("tensor " + tensor + " chunk " + number + " is not what its record's checksum says");
            }
            parts.computeIfAbsent(partition, p -> new PartDigest()).add(number, crc);
            content.update(bytes);
            writer.write(bytes);
        }
        for (MergedPart part : manifest.getParts()) {
            PartDigest found = parts.getOrDefault(part.getPartition(), new PartDigest());
            int count = found.count();
            if (count != part.getChunks() || !new Sha256(found.finish()).equals(part.getDigest())) {
                throw damaged("the " + count + " chunks of partition " + part.getPartition() + " are not the "
                        + part.getChunks() + " that the manifest's part digest names");
            }
        }
        Sha256 digest = new Sha256(content.finish());
        if (!digest.equals(manifest.getDigest())) {
            throw damaged("its contents have digest " + ManifestJson.hex(digest) + ", the manifest says "
                    + ManifestJson.hex(manifest.getDigest()));
        }
    }

    private ClientException damaged(String problem) {
        return new ClientException(
                ClientException.Reason.DAMAGED,
                "channel " + manifest.getChannel() + " version " + manifest.getVersion(),
                problem,
                "",
                "run `weir replay --verify`, and pull another version meanwhile");
    }
}
