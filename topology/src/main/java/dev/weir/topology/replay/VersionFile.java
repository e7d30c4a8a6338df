package dev.weir.topology.replay;

import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedPart;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ContentDigest;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.topology.store.FoldException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The weights of one version on their way into a file. Chunks come from all partitions and any thread; when all are there, the
 * file is read back and held against what the partitions said that they emitted.
 */
final class VersionFile implements AutoCloseable {
    private final Path path;
    private final Layout kept;
    /** Number in the model's layout of each chunk of the file. */
    private final List<Integer> numbers = new ArrayList<>();

    private final Map<Integer, Integer> places = new TreeMap<>();
    private final SafetensorsWriter writer;

    /** @param skipped names of tensors that are left out */
    VersionFile(Path path, Layout layout, List<String> skipped) {
        this.path = path;
        List<TensorSpec> tensors = layout.tensors().stream()
                .filter(tensor -> !skipped.contains(tensor.name()))
                .toList();
        this.kept = Layout.of(tensors, layout.chunkElements());
        for (int number = 0; number < layout.chunkCount(); number++) {
            if (!skipped.contains(layout.tensorOf(layout.chunk(number)).name())) {
                places.put(number, numbers.size());
                numbers.add(number);
            }
        }
        this.writer = SafetensorsWriter.create(path, kept);
    }

    Path path() {
        return path;
    }

    void write(MergedChunk chunk) {
        Integer place = places.get(chunk.getChunk());
        if (place == null) {
            throw new FoldException("chunk " + chunk.getChunk() + " was emitted and is not in the snapshot");
        }
        writer.write(place, chunk.getPayload());
    }

    /**
     * Finishes the file and reads it back.
     *
     * @param parts what each partition emitted
     * @return the content digest
     */
    Sha256 finish(List<MergedPart> parts) {
        writer.close();
        ContentDigest content = new ContentDigest(kept);
        Map<Integer, PartDigest> found = new TreeMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (int place = 0; place < numbers.size(); place++) {
                ByteBuffer bytes = file.read(kept.chunk(place));
                int number = numbers.get(place);
                found.computeIfAbsent(Layout.partition(number, parts.size()), partition -> new PartDigest())
                        .add(number, Crc.crc32c(bytes));
                content.update(bytes);
            }
        }
        for (MergedPart part : parts) {
            PartDigest digest = found.getOrDefault(part.getPartition(), new PartDigest());
            if (digest.count() != part.getChunks() || !new Sha256(digest.finish()).equals(part.getDigest())) {
                throw new FoldException(
                        "file " + path + ": what was read back of partition " + part.getPartition()
                                + " is not what was emitted",
                        "check the disk");
            }
        }
        return new Sha256(content.finish());
    }

    @Override
    public void close() {
        writer.abandon();
    }
}
