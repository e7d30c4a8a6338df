package dev.weir.topology.merge;

import dev.weir.operators.Bcwi;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Decision;
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
import dev.weir.topology.coordinate.BaselineRun;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanFormat;
import dev.weir.topology.store.FoldException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The averages of one partition: what the plan asks for, updated by decisions, chunk after chunk in chunk order. */
final class Channels implements AutoCloseable {
    private final int partition;
    private final int partitions;
    private final Kernel kernel;
    private final Map<String, ChannelFold> folds = new HashMap<>();
    private final Map<String, Bcwi> mixes = new HashMap<>();
    private final Baseline baseline;
    private @Nullable Plan plan;

    Channels(int partition, int partitions, Kernel kernel) {
        this.partition = partition;
        this.partitions = partitions;
        this.kernel = kernel;
        this.baseline = new Baseline(kernel);
    }

    /** Takes a plan over: channels that go on keep their state, the others start or end. */
    void plan(String json) {
        Plan next = PlanFormat.parse(json);
        folds.values().removeIf(fold -> {
            boolean goesOn = next.tensors().equals(fold.rules())
                    && next.channel(fold.plan().name())
                            .filter(fold.plan()::continues)
                            .isPresent();
            if (!goesOn) {
                fold.close();
            }
            return !goesOn;
        });
        plan = next;
        mixes.clear();
        next.channels().forEach(channel -> {
            if (channel.create() instanceof Bcwi bcwi) {
                mixes.put(channel.name(), bcwi);
            }
        });
    }

    TensorPolicy policy(TensorSpec tensor) {
        return TensorPolicy.of(tensor, plan == null ? List.of() : plan.tensors());
    }

    /** Folds a committed checkpoint into every channel that it enters, and emits what is due. */
    void fold(Decision decision, Layout layout, StagedCheckpoint staged, FoldOutput out) {
        if (decision.getRun().equals(BaselineRun.NAME)) {
            baseline.pin(staged);
            return;
        }
        List<Emitted> emitted = new ArrayList<>();
        for (ChannelUpdate update : decision.getUpdates()) {
            if (update.getCoefficients().isEmpty()) {
                continue;
            }
            Bcwi mix = mixes.get(update.getChannel());
            if (mix == null) {
                update(update, layout, staged);
            }
            if (update.getVersion() > 0 && out.emits()) {
                emitted.add(emit(decision, update, mix, layout, out));
            }
        }
        if (!emitted.isEmpty()) {
            out.ack(Applied.newBuilder()
                    .setPartition(partition)
                    .setSeq(decision.getSeq())
                    .setEmitted(emitted)
                    .build());
        }
    }

    long stateBytes() {
        return baseline.bytes()
                + folds.values().stream().mapToLong(ChannelFold::stateBytes).sum();
    }

    @Override
    public void close() {
        baseline.close();
        folds.values().forEach(ChannelFold::close);
        folds.clear();
    }

    private void update(ChannelUpdate update, Layout layout, StagedCheckpoint staged) {
        ChannelFold fold = folds.computeIfAbsent(update.getChannel(), name -> create(name, layout));
        staged.chunks().forEach((number, held) -> {
            ChunkSpec chunk = layout.chunk(number);
            if (fold.has(chunk)) {
                fold.update(chunk, MemorySegment.ofBuffer(held.bytes()), update.getCoefficients());
            }
        });
    }

    /** @param mix null for an average of its own; else the average of another channel is mixed with the baseline */
    private Emitted emit(Decision decision, ChannelUpdate update, @Nullable Bcwi mix, Layout layout, FoldOutput out) {
        ChannelUpdate source = mix == null ? update : sourceOf(decision, mix);
        ChannelFold fold = fold(source.getChannel());
        PartDigest digest = new PartDigest();
        Sha256 layoutHash = decision.getLayoutHash();
        for (int number = partition; number < layout.chunkCount(); number += partitions) {
            ChunkSpec chunk = layout.chunk(number);
            if (!fold.has(chunk)) {
                continue;
            }
            byte[] payload = new byte[chunk.byteSize()];
            fold.emit(chunk, source.getCoefficients(), MemorySegment.ofArray(payload));
            if (mix != null) {
                TensorSpec tensor = layout.tensorOf(chunk);
                double newWeight = update.getCoefficients().get(0);
                baseline.mix(chunk, tensor.dtype(), policy(tensor), newWeight, MemorySegment.ofArray(payload));
            }
            int crc = Crc.crc32c(ByteBuffer.wrap(payload));
            digest.add(number, crc);
            out.merged(MergedChunk.newBuilder()
                    .setChannel(update.getChannel())
                    .setVersion(update.getVersion())
                    .setSeq(decision.getSeq())
                    .setLayoutHash(layoutHash)
                    .setChunk(number)
                    .setCrc32c(crc)
                    .setPayload(ByteBuffer.wrap(payload))
                    .build());
            if (update.getRetire() > 0) {
                out.retired(update.getChannel(), update.getRetire(), number);
            }
        }
        if (update.getRetire() > 0) {
            out.retired(update.getChannel(), update.getRetire(), -1 - partition);
        }
        int count = digest.count();
        MergedPart part = new MergedPart(partition, count, new Sha256(digest.finish()));
        out.ended(MergedEnd.newBuilder()
                .setChannel(update.getChannel())
                .setVersion(update.getVersion())
                .setSeq(decision.getSeq())
                .setPart(part)
                .build());
        return new Emitted(update.getChannel(), update.getVersion(), part);
    }

    private static ChannelUpdate sourceOf(Decision decision, Bcwi mix) {
        return decision.getUpdates().stream()
                .filter(update -> update.getChannel().equals(mix.from()))
                .findFirst()
                .orElseThrow(() -> new FoldException("decision " + decision.getSeq() + " mixes channel " + mix.from()
                        + ", which it does not update; the log contradicts itself"));
    }

    private ChannelFold fold(String channel) {
        ChannelFold fold = folds.get(channel);
        if (fold == null) {
            throw new FoldException(
                    "channel " + channel + " is due before any checkpoint entered; the log contradicts itself");
        }
        return fold;
    }

    private ChannelFold create(String name, Layout layout) {
        Plan current = plan;
        if (current == null) {
            throw new FoldException("a decision updates channel " + name + " before any plan in the log");
        }
        ChannelPlan channel = current.channel(name)
                .orElseThrow(
                        () -> new FoldException("a decision updates channel " + name + ", which is not in the plan"));
        return new ChannelFold(channel, layout, current.tensors(), kernel);
    }
}
