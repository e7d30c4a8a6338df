package dev.weir.clients.subscribe;

import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedPart;
import dev.weir.schemas.record.MergedRange;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.tensor.ContentDigest;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Small snapshots and their manifests, as the coordinator would write them. */
final class Snapshots {

    static final int PARTITIONS = 2;
    static final Layout LAYOUT = Layout.of(
            List.of(
                    new TensorSpec("a", Dtype.F32, List.of(2L, 3L)),
                    new TensorSpec("frozen", Dtype.U8, List.of(3L)),
                    new TensorSpec("z", Dtype.F32, List.of())),
            4);

    private Snapshots() {}

    static ByteBuffer bytes(long version, int chunk) {
        byte[] bytes = new byte[LAYOUT.chunk(chunk).byteSize()];
        java.util.Arrays.fill(bytes, (byte) (10 * version + chunk));
        return ByteBuffer.wrap(bytes);
    }

    static MergedChunk chunk(String channel, long version, int number) {
        ByteBuffer bytes = bytes(version, number);
        return new MergedChunk(1, channel, version, version, LAYOUT.hashRecord(), number, Crc.crc32c(bytes), bytes);
    }

    /** Tensor frozen, which is chunk 2, is skipped. */
    static Manifest manifest(String channel, long version) {
        List<TensorSpec> kept =
                List.of(LAYOUT.tensors().get(0), LAYOUT.tensors().get(2));
        ContentDigest content = new ContentDigest(Layout.of(kept, LAYOUT.chunkElements()));
        List<PartDigest> digests = List.of(new PartDigest(), new PartDigest());
        for (int number : new int[] {0, 1, 3}) {
            content.update(bytes(version, number));
            digests.get(number % PARTITIONS).add(number, Crc.crc32c(bytes(version, number)));
        }
        return manifest(channel, version, new Sha256(content.finish()), digests);
    }

    /** One whose digest is not that of its contents. */
    static Manifest manifest(String channel, long version, Sha256 digest) {
        List<PartDigest> digests = List.of(new PartDigest(), new PartDigest());
        for (int number : new int[] {0, 1, 3}) {
            digests.get(number % PARTITIONS).add(number, Crc.crc32c(bytes(version, number)));
        }
        return manifest(channel, version, digest, digests);
    }

    private static Manifest manifest(String channel, long version, Sha256 digest, List<PartDigest> digests) {
        List<MergedPart> parts = new ArrayList<>();
        List<MergedRange> ranges = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            int count = digests.get(partition).count();
            parts.add(new MergedPart(
                    partition, count, new Sha256(digests.get(partition).finish())));
            ranges.add(new MergedRange(partition, 100L, 110L, count));
        }
        Sha256 checkpoint = new Sha256(new byte[32]);
        return Manifest.newBuilder()
                .setModel("mnist")
                .setChannel(channel)
                .setVersion(version)
                .setSeq(41 + version)
                .setRun("r")
                .setStep(10 * version)
                .setLayoutHash(LAYOUT.hashRecord())
                .setLayout(LAYOUT.toRecord())
                .setSkipped(List.of("frozen"))
                .setDigest(digest)
                .setParts(parts)
                .setRanges(ranges)
                .setOperator("ema")
                .setSettings(Map.of("decay", "0.9", "bias-correction", "true"))
                .setIngredients(List.of(
                        new Ingredient(1L, "r", 10L, 0.1, checkpoint), new Ingredient(2L, "q", 11L, 0.9, checkpoint)))
                .setOmitted(0L)
                .setOmittedWeight(0.0)
                .build();
    }
}
