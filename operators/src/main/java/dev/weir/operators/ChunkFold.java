package dev.weir.operators;

import dev.weir.operators.kernel.Kernel;
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
 */
public final class ChunkFold {
    private final Kernel kernel;
    private final Operator operator;
    private final TensorPolicy policy;
    private final Dtype dtype;
    private final int elements;
    private final int tensor;
    private final Place place;
    private @Nullable MemorySegment state;

    /** @param policy not SKIP: a skipped tensor has no state */
    public ChunkFold(Kernel kernel, Operator operator, TensorPolicy policy, TensorSpec tensor, ChunkSpec chunk) {
        this.kernel = kernel;
        this.operator = operator;
        this.policy = policy;
        this.dtype = tensor.dtype();
        this.elements = chunk.elements();
        this.tensor = chunk.tensor();
        this.place = new Place(tensor.name(), chunk.firstElement());
    }

    /**
     * Folds the chunk of a checkpoint that enters.
     *
     * @param memory gives zeros, {@link #stateBytes} of them; asked at the first update only
     * @param theta elements times the dtype's bytes
     */
    public void update(SegmentAllocator memory, MemorySegment theta, List<Double> coefficients) {
        boolean first = state == null;
        MemorySegment mine = state == null ? memory.allocate(stateBytes(), 64) : state;
        state = mine;
        switch (policy) {
            case AVERAGE ->
                operator.shape()
                        .update(
                                kernel,
                                mine,
                                theta,
                                dtype,
                                elements,
                                operator.shape().ofTensor(coefficients, tensor));
            case COPY_LATEST -> MemorySegment.copy(theta, 0, mine, 0, mine.byteSize());
            case FREEZE -> {
                if (first) {
                    MemorySegment.copy(theta, 0, mine, 0, mine.byteSize());
                }
            }
            case SKIP -> throw new IllegalStateException("a skipped tensor has no state");
        }
    }

    /** What the chunk of a checkpoint that has not entered yet is reduced to; zeros where nothing is averaged. */
    public double[] reduce(MemorySegment theta) {
        MemorySegment mine = state;
        return mine == null || policy != TensorPolicy.AVERAGE
                ? new double[operator.shape().reductions()]
                : operator.shape().reduce(kernel, mine, theta, dtype, elements);
    }

    /** Writes the merged chunk; out has elements times the dtype's bytes. */
    public void emit(List<Double> coefficients, MemorySegment out) {
        MemorySegment mine = state;
        if (mine == null) {
            throw new IllegalStateException("emitted before the first update");
        }
        if (policy == TensorPolicy.AVERAGE) {
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
        MemorySegment mine = state;
        if (mine != null && (policy != TensorPolicy.AVERAGE || operator.shape().emitsState(dtype))) {
            return mine;
        }
        emit(coefficients, scratch);
        return scratch;
    }

    /** The state as it lies in memory; null before the first update. Valid until the next update. */
    public @Nullable MemorySegment state() {
        return state;
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

    /** Bytes of state. */
    public long stateBytes() {
        return policy == TensorPolicy.AVERAGE
                ? operator.shape().stateBytes(dtype, elements)
                : (long) dtype.bytes() * elements;
    }
}
