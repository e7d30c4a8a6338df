package dev.weir.operators;

import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.shape.Companion;
import dev.weir.operators.shape.Lerp;
import dev.weir.operators.shape.Place;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One channel's state over one chunk: how the checkpoint's chunk enters it and how the merged one leaves it. The state
 * lies where the allocator that is given puts it, as an arena does, and is allocated at the first update.
 *
 * <p>A lerp over a chunk that enters again unchanged may wait: {@link #repeat} costs a few operations, however large the chunk
 * is, and the next chunk that differs brings the state up to date first ({@link Lerp}). Whoever folds decides which updates
 * wait, by the contents of the chunks alone, so that every fold of them gives the same bits: an update waits if and only if
 * its chunk has the bytes of the one that entered before it and, of that one, either the coefficient was 1 or the CRC-32C is
 * that of the one before. (The state is the chunk itself after a coefficient of 1, and after two equal checksums it is worth
 * the memory to keep the chunk, so that the bytes can be compared at all.)
 */
public final class ChunkFold {
    private final Kernel kernel;
    private final Operator operator;
    private final TensorPolicy policy;
    private final Dtype dtype;
    private final int elements;
    private final int tensor;
    private final Place place;
    private final boolean lerps;
    private final @Nullable LerpBatch batch;
    private @Nullable MemorySegment state;
    /** Whether the newest chunk that differed was copied, so that the state is that chunk. */
    private boolean copied;
    /** The chunk of the updates that wait, and the share that it has by them. */
    private @Nullable MemorySegment waiting;

    private double share;

    /** @param policy not SKIP: a skipped tensor has no state */
    public ChunkFold(Kernel kernel, Operator operator, TensorPolicy policy, TensorSpec tensor, ChunkSpec chunk) {
        this(kernel, operator, policy, tensor, chunk, null);
    }

    /**
     * A fold among several over the same chunk.
     *
     * @param policy not SKIP: a skipped tensor has no state
     * @param batch takes the lerps of f32 states, and is run before the state is looked at. Null: none
     */
    public ChunkFold(
            Kernel kernel,
            Operator operator,
            TensorPolicy policy,
            TensorSpec tensor,
            ChunkSpec chunk,
            @Nullable LerpBatch batch) {
        this.kernel = kernel;
        this.operator = operator;
        this.policy = policy;
        this.dtype = tensor.dtype();
        this.elements = chunk.elements();
        this.tensor = chunk.tensor();
        this.place = new Place(tensor.name(), chunk.firstElement());
        this.lerps = policy == TensorPolicy.AVERAGE && operator.shape() == Lerp.SHAPE;
        this.batch = lerps && dtype != Dtype.F64 ? batch : null;
    }

    /**
     * Folds the chunk of a checkpoint that enters, after what waits.
     *
     * @param memory gives zeros, {@link #stateBytes} of them; asked at the first update only
     * @param theta elements times the dtype's bytes
     */
    public void update(SegmentAllocator memory, MemorySegment theta, List<Double> coefficients) {
        update(memory, theta, null, coefficients);
    }

    /**
     * As above, of an operator that reads a companion.
     *
     * @param companion a number for each element; null: none are known of this tensor
     */
    public void update(
            SegmentAllocator memory, MemorySegment theta, @Nullable Companion companion, List<Double> coefficients) {
        boolean first = state == null;
        MemorySegment mine = state == null ? memory.allocate(stateBytes(), 64) : state;
        state = mine;
        settle(mine);
        copied = lerps && coefficients.get(0) == 1;
        switch (policy) {
            case AVERAGE -> {
                List<Double> own = operator.shape().ofTensor(coefficients, tensor);
                if (batch == null) {
                    operator.shape().update(kernel, mine, theta, companion, dtype, elements, own);
                } else {
                    batch.add(mine, theta, dtype, elements, own.get(0));
                }
            }
            case COPY_LATEST -> MemorySegment.copy(theta, 0, mine, 0, mine.byteSize());
            case FREEZE -> {
                if (first) {
                    MemorySegment.copy(theta, 0, mine, 0, mine.byteSize());
                }
            }
            case SKIP -> throw new IllegalStateException("a skipped tensor has no state");
        }
    }

    /** Whether updates by one and the same chunk may wait. */
    public boolean mayWait() {
        return lerps;
    }

    /** Whether the state is exactly this chunk: the newest one that differed was copied, and it is this one. */
    public boolean holds(MemorySegment theta) {
        MemorySegment mine = state();
        return copied && mine != null && Lerp.SHAPE.holds(kernel, mine, theta, dtype, elements);
    }

    /** Whether the newest chunk that differed was copied, so that {@link #holds} is worth asking. */
    public boolean copied() {
        return copied;
    }

    /**
     * Lets the chunk that entered last enter once more; it is not looked at before a chunk that differs, or an emission.
     *
     * @param theta the same bytes; must stay as it is until the next update or repetition
     * @throws IllegalStateException unless the fold {@link #mayWait} and had its first update
     */
    public void repeat(MemorySegment theta, List<Double> coefficients) {
        if (!lerps || state == null) {
            throw new IllegalStateException("only what entered a lerp can enter again unchanged");
        }
        if (!copied) {
            waiting = theta;
            share = Lerp.repeated(share, coefficients.get(0));
        }
    }

    /** The share of the chunk that waits, by its updates that the state does not contain; 0: the state contains all. */
    public double waitingShare() {
        return share;
    }

    private void settle(MemorySegment mine) {
        MemorySegment theta = waiting;
        if (theta != null && share > 0) {
            runBatch();
            Lerp.SHAPE.update(kernel, mine, theta, dtype, elements, List.of(share));
        }
        waiting = null;
        share = 0;
    }

    /** What the chunk of a checkpoint that has not entered yet is reduced to; zeros where nothing is averaged. */
    public double[] reduce(MemorySegment theta) {
        MemorySegment mine = state();
        return mine == null || policy != TensorPolicy.AVERAGE
                ? new double[operator.shape().reductions()]
                : operator.shape().reduce(kernel, mine, theta, dtype, elements);
    }

    /** Writes the merged chunk; out has elements times the dtype's bytes. */
    public void emit(List<Double> coefficients, MemorySegment out) {
        MemorySegment mine = state();
        if (mine == null) {
            throw new IllegalStateException("emitted before the first update");
        }
        MemorySegment theta = waiting;
        if (theta != null && share > 0) {
            Lerp.SHAPE.emitWith(kernel, mine, theta, share, dtype, elements, out);
        } else if (policy == TensorPolicy.AVERAGE) {
            List<Double> own = operator.shape().ofTensor(coefficients, tensor);
            operator.shape().emit(kernel, mine, dtype, elements, own, place, out);
        } else {
            MemorySegment.copy(mine, 0, out, 0, mine.byteSize());
        }
    }

    /**
     * The merged chunk where it lies: the state itself where that is what is emitted, else scratch, into which it is
     * written. Valid until the next update.
     *
     * @param scratch elements times the dtype's bytes
     */
    public MemorySegment merged(List<Double> coefficients, MemorySegment scratch) {
        MemorySegment mine = state();
        if (mine != null
                && share == 0
                && (policy != TensorPolicy.AVERAGE || operator.shape().emitsState(dtype))) {
            return mine;
        }
        emit(coefficients, scratch);
        return scratch;
    }

    /** The state as it lies in memory; null before the first update. Valid until the next update. */
    public @Nullable MemorySegment state() {
        runBatch();
        return state;
    }

    private void runBatch() {
        if (batch != null) {
            batch.run();
        }
    }

    /**
     * Goes on from a state that {@link #state} of an equal fold had; it is used in place.
     *
     * @throws IllegalArgumentException when it has another size than this operator's state
     */
    public void resume(MemorySegment bytes) {
        if (bytes.byteSize() != stateBytes()) {
            throw new IllegalArgumentException("a state of " + bytes.byteSize() + " bytes; needed: " + stateBytes());
        }
        state = bytes;
    }

    /**
     * Goes on from what an equal fold had beside its state.
     *
     * @param hadCopied its {@link #copied}
     * @param hadShare its {@link #waitingShare}
     * @param theta the chunk that waited; null: none did
     */
    public void resumeWaiting(boolean hadCopied, double hadShare, @Nullable MemorySegment theta) {
        copied = hadCopied;
        share = hadShare;
        waiting = theta;
    }

    /** Bytes of state. */
    public long stateBytes() {
        return policy == TensorPolicy.AVERAGE
                ? operator.shape().stateBytes(dtype, elements)
                : (long) dtype.bytes() * elements;
    }
}
