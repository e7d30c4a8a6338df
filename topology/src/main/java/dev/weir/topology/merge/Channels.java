package dev.weir.topology.merge;

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
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanFormat;
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
    private @Nullable Plan plan;

    Channels(int partition, int partitions, Kernel kernel) {
        this.partition = partition;
        this.partitions = partitions;
        this.kernel = kernel;
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
    }

    TensorPolicy policy(TensorSpec tensor) {
        return TensorPolicy.of(tensor, plan == null ? List.of() : plan.tensors());
    }

    /** Folds a committed checkpoint into every channel that it enters, and emits what is due. */
    void fold(Decision decision, Layout layout, StagedCheckpoint staged, FoldOutput out) {
        List<Emitted> emitted = new ArrayList<>();
        for (ChannelUpdate update : decision.getUpdates()) {
            if (update.getCoefficients().isEmpty()) {
                continue;
            }
            ChannelFold fold = folds.computeIfAbsent(update.getChannel(), name -> create(name, layout));
            staged.chunks().forEach((number, held) -> {
                ChunkSpec chunk = layout.chunk(number);
                if (fold.has(chunk)) {
                    fold.update(chunk, MemorySegment.ofBuffer(held.bytes()), update.getCoefficients());
                }
            });
            if (update.getVersion() > 0 && out.emits()) {
                emitted.add(emit(decision, update, fold, layout, out));
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
        return folds.values().stream().mapToLong(ChannelFold::stateBytes).sum();
    }

    @Override
    public void close() {
        folds.values().forEach(ChannelFold::close);
        folds.clear();
    }

    private Emitted emit(Decision decision, ChannelUpdate update, ChannelFold fold, Layout layout, FoldOutput out) {
        PartDigest digest = new PartDigest();
        Sha256 layoutHash = decision.getLayoutHash();
        for (int number = partition; number < layout.chunkCount(); number += partitions) {
            ChunkSpec chunk = layout.chunk(number);
            if (!fold.has(chunk)) {
                continue;
            }
            byte[] payload = new byte[chunk.byteSize()];
            fold.emit(chunk, update.getCoefficients(), MemorySegment.ofArray(payload));
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
