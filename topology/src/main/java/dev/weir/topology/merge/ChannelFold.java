package dev.weir.topology.merge;

import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operator;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.store.FoldException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.TreeMap;

/**
 * One channel's state over the chunks of one partition. The state lies off the heap in a shared arena, because restore
 * and processing run on different threads.
 */
final class ChannelFold implements AutoCloseable {
    private final ChannelPlan plan;
    private final Operator operator;
    private final Layout layout;
    private final List<TensorPolicy.Rule> rules;
    private final Kernel kernel;
    private final Arena arena = Arena.ofShared();
    private final TreeMap<Integer, ChunkFold> chunks = new TreeMap<>();

    ChannelFold(ChannelPlan plan, Layout layout, List<TensorPolicy.Rule> rules, Kernel kernel) {
        this.plan = plan;
        this.operator = plan.create();
        this.layout = layout;
        this.rules = rules;
        this.kernel = kernel;
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

    void update(ChunkSpec chunk, MemorySegment theta, List<Double> coefficients) {
        chunks.computeIfAbsent(chunk.index(), index -> create(chunk)).update(arena, theta, coefficients);
    }

    void emit(ChunkSpec chunk, List<Double> coefficients, MemorySegment out) {
        ChunkFold fold = chunks.get(chunk.index());
        if (fold == null) {
            throw new FoldException("channel " + plan.name() + ": chunk " + chunk.index()
                    + " is due before any checkpoint entered; the log contradicts itself");
        }
        fold.emit(coefficients, out);
    }

    /** Bytes of state off the heap. */
    long stateBytes() {
        return chunks.values().stream().mapToLong(ChunkFold::stateBytes).sum();
    }

    @Override
    public void close() {
        arena.close();
    }

    private ChunkFold create(ChunkSpec chunk) {
        TensorSpec tensor = layout.tensorOf(chunk);
        return new ChunkFold(kernel, operator, policy(chunk), tensor.dtype(), chunk.elements());
    }

    private TensorPolicy policy(ChunkSpec chunk) {
        return TensorPolicy.of(layout.tensorOf(chunk), rules);
    }
}
