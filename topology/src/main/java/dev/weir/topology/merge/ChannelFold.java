package dev.weir.topology.merge;

import dev.weir.operators.ChunkFold;
import dev.weir.operators.LerpBatch;
import dev.weir.operators.Operator;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.kernel.Slabs;
import dev.weir.operators.shape.Companion;
import dev.weir.operators.shape.Stored;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.store.FoldException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One channel's state over the chunks of one partition. The state lies off the heap, where restore and processing reach
 * it from different threads.
 */
final class ChannelFold implements AutoCloseable {
    private final ChannelPlan plan;
    private final Operator operator;
    private final Layout layout;
    private final List<TensorPolicy.Rule> rules;
    private final Kernel kernel;
    private final IntFunction<LerpBatch> lerps;
    private final Slabs memory = new Slabs();
    private final TreeMap<Integer, ChannelChunk> chunks = new TreeMap<>();
    private final ChunkPool pool;
    private final LoadedStates loaded;
    private final boolean resumed;

    /**
     * @param lerps of each chunk, shared by the channels
     * @param pool has the memory of the chunks that enter
     * @param loaded states from a keyframe, taken over as the fold reaches them
     * @param resumed whether the channel had state when that keyframe was begun
     */
    ChannelFold(
            ChannelPlan plan,
            Layout layout,
            List<TensorPolicy.Rule> rules,
            Kernel kernel,
            IntFunction<LerpBatch> lerps,
            ChunkPool pool,
            LoadedStates loaded,
            boolean resumed) {
        this.plan = plan;
        this.operator = plan.create();
        this.layout = layout;
        this.rules = rules;
        this.kernel = kernel;
        this.lerps = lerps;
        this.pool = pool;
        this.loaded = loaded;
        this.resumed = resumed;
    }

    ChannelPlan plan() {
        return plan;
    }

    Layout layout() {
        return layout;
    }

    List<TensorPolicy.Rule> rules() {
        return rules;
    }

    /** Whether snapshots of this channel have this chunk. */
    boolean has(ChunkSpec chunk) {
        return policy(chunk) != TensorPolicy.SKIP;
    }

    /** Lets a checkpoint's chunk enter, unless the state contains that decision already. */
    void update(
            long seq,
            ChunkSpec chunk,
            Held held,
            @Nullable CompanionChunks companions,
            List<Double> coefficients,
            boolean live) {
        if (loaded.contains(new Slot(plan.name(), chunk.index()), seq)) {
            return;
        }
        ChannelChunk fold = fold(chunk);
        if (fold == null && resumed) {
            if (live) {
                throw new FoldException(
                        "channel " + plan.name() + " chunk " + chunk.index() + ": its keyframe is missing",
                        "start again, and if that does not help, from a new model");
            }
            // Its state was dropped by a plan before the keyframe was complete; that plan is still to come in the log.
            return;
        }
        if (fold == null) {
            fold = create(chunk);
            chunks.put(chunk.index(), fold);
        }
        boolean accompanied = !operator.companion().isEmpty() && policy(chunk) == TensorPolicy.AVERAGE;
        if (accompanied) {
            Companion companion =
                    Objects.requireNonNull(companions, "companions").of(operator.companion(), chunk.index());
            fold.update(memory, held, companion, coefficients);
        } else {
            fold.update(memory, held, coefficients);
        }
    }

    /** Whether a plan that is still to come in the log dropped the chunk's state before the keyframe was complete. */
    boolean lacks(ChunkSpec chunk) {
        return resumed && has(chunk) && fold(chunk) == null;
    }

    /** What a chunk of a checkpoint that has not entered yet is reduced to; zeros where nothing is averaged. */
    double[] reduce(ChunkSpec chunk, MemorySegment theta) {
        ChannelChunk fold = has(chunk) ? fold(chunk) : null;
        return fold == null ? new double[operator.shape().reductions()] : fold.reduce(theta);
    }

    /** The merged chunk, in scratch or where its state lies; valid until the next update. */
    MemorySegment merged(ChunkSpec chunk, List<Double> coefficients, MemorySegment scratch) {
        ChannelChunk fold = fold(chunk);
        if (fold == null) {
            throw new FoldException("channel " + plan.name() + ": chunk " + chunk.index()
                    + " is due before any checkpoint entered; the log contradicts itself");
        }
        List<Double> row =
                operator.shape() instanceof Stored stored ? stored.row(coefficients, chunk.tensor()) : coefficients;
        return fold.merged(row, scratch);
    }

    /** Numbers of the chunks that have state, in order. */
    Set<Integer> chunks() {
        loaded.chunks(plan.name()).forEach(number -> fold(layout.chunk(number)));
        return chunks.keySet();
    }

    /** One chunk's state as a keyframe has it, in scratch or where it lies; null: it has none. */
    @Nullable
    MemorySegment saved(int chunk, SegmentAllocator scratch) {
        ChannelChunk fold = fold(layout.chunk(chunk));
        return fold == null ? null : fold.saved(scratch);
    }

    /** Bytes of state off the heap. */
    long stateBytes() {
        return chunks.values().stream().mapToLong(ChannelChunk::stateBytes).sum();
    }

    @Override
    public void close() {
        chunks.values().forEach(ChannelChunk::release);
        memory.close();
    }

    private @Nullable ChannelChunk fold(ChunkSpec chunk) {
        ChannelChunk known = chunks.get(chunk.index());
        if (known != null) {
            return known;
        }
        LoadedStates.State state = loaded.take(new Slot(plan.name(), chunk.index()));
        if (state == null) {
            return null;
        }
        ChannelChunk fresh = create(chunk);
        try {
            fresh.resume(state.bytes(), chunk.byteSize());
        } catch (IllegalArgumentException wrong) {
            throw new FoldException(
                    "channel " + plan.name() + " chunk " + chunk.index() + ": the keyframe has " + wrong.getMessage(),
                    "bring the keyframes topic back from a replica or a backup");
        }
        chunks.put(chunk.index(), fresh);
        return fresh;
    }

    private ChannelChunk create(ChunkSpec chunk) {
        TensorSpec tensor = layout.tensorOf(chunk);
        LerpBatch batch = lerps.apply(chunk.index());
        return new ChannelChunk(new ChunkFold(kernel, operator, policy(chunk), tensor, chunk, batch), pool);
    }

    private TensorPolicy policy(ChunkSpec chunk) {
        return TensorPolicy.of(layout.tensorOf(chunk), rules);
    }
}
