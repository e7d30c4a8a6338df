package dev.weir.topology.merge;

import dev.weir.operators.TensorPolicy;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Emitted;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.schemas.record.MergedPart;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.topology.RetiredVersions;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;

/** One partition's part of the versions that channels emit: their chunks in order, the end mark, and what they retire. */
final class Emission {
    private final int partition;
    private final int partitions;
    private final Baseline baseline;
    private final Function<TensorSpec, TensorPolicy> policies;
    private final Scratch scratch;

    Emission(
            int partition,
            int partitions,
            Baseline baseline,
            Function<TensorSpec, TensorPolicy> policies,
            Scratch scratch) {
        this.partition = partition;
        this.partitions = partitions;
        this.baseline = baseline;
        this.policies = policies;
        this.scratch = scratch;
    }

    /**
     * Emits a version from the state of a channel, which stays what it is.
     *
     * @param seq of the decision or combination that asks for it
     * @param update names the channel that has the version, and what it retires
     * @param mixed whether the channel mixes that state with the baseline, by the update's coefficient
     * @param state of the channel itself, or of the one that it mixes
     * @param coefficients with which the state becomes weights
     */
    Emitted emit(
            long seq,
            ChannelUpdate update,
            boolean mixed,
            ChannelFold state,
            List<Double> coefficients,
            Layout layout,
            FoldOutput out) {
        Sha256 layoutHash = layout.hashRecord();
        PartDigest digest = new PartDigest();
        List<Long> retired = RetiredVersions.of(update);
        for (int number = partition; number < layout.chunkCount(); number += partitions) {
            ChunkSpec chunk = layout.chunk(number);
            if (!state.has(chunk)) {
                continue;
            }
            MemorySegment mine = scratch.of(chunk.byteSize());
            MemorySegment merged = state.merged(chunk, coefficients, mine);
            if (mixed) {
                TensorSpec tensor = layout.tensorOf(chunk);
                double newWeight = update.getCoefficients().get(0);
                // The average stays what it is.
                merged = mine.copyFrom(merged);
                baseline.mix(chunk, tensor.dtype(), policies.apply(tensor), newWeight, merged);
            }
            ByteBuffer payload = merged.asByteBuffer();
            int crc = Crc.crc32c(payload);
            digest.add(number, crc);
            out.merged(MergedChunk.newBuilder()
                    .setChannel(update.getChannel())
                    .setVersion(update.getVersion())
                    .setSeq(seq)
                    .setLayoutHash(layoutHash)
                    .setChunk(number)
                    .setCrc32c(crc)
                    .setPayload(payload)
                    .build());
            for (long old : retired) {
                out.retired(update.getChannel(), old, number);
            }
        }
        for (long old : retired) {
            out.retired(update.getChannel(), old, -1 - partition);
        }
        int count = digest.count();
        MergedPart part = new MergedPart(partition, count, new Sha256(digest.finish()));
        out.ended(MergedEnd.newBuilder()
                .setChannel(update.getChannel())
                .setVersion(update.getVersion())
                .setSeq(seq)
                .setPart(part)
                .build());
        return new Emitted(update.getChannel(), update.getVersion(), part);
    }
}
