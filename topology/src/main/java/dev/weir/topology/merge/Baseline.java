package dev.weir.topology.merge;

import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.kernel.Slabs;
import dev.weir.operators.shape.Lerp;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.topology.store.FoldException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The baseline's chunks in one partition, pinned: they came through the log as a checkpoint of their own, so that every
 * mix with them can be folded again. Off the heap.
 */
final class Baseline implements AutoCloseable {
    /** Its name where channels have theirs; no channel can be called so. */
    static final String CHANNEL = "@baseline";

    /** The chunks of one baseline and the memory that they lie in. */
    private static final class Plane implements AutoCloseable {
        private final Slabs memory = new Slabs();
        private final Map<Integer, MemorySegment> chunks = new TreeMap<>();

        @Override
        public void close() {
            memory.close();
        }
    }

    private final Kernel kernel;
    private final LoadedStates loaded;
    private @Nullable Plane plane;

    Baseline(Kernel kernel, LoadedStates loaded) {
        this.kernel = kernel;
        this.loaded = loaded;
    }

    /** Another one takes the place of what was pinned before, unless a keyframe's state has that already. */
    void begin(long seq) {
        close();
        loaded.forgetBefore(CHANNEL, seq);
        plane = new Plane();
    }

    /** Copies one chunk of the baseline that was begun. */
    void pin(long seq, int number, MemorySegment bytes) {
        if (loaded.contains(new Slot(CHANNEL, number), seq)) {
            return;
        }
        Plane begun = Objects.requireNonNull(plane, "a baseline that was begun");
        begun.chunks.put(number, begun.memory.allocate(bytes.byteSize(), 64).copyFrom(bytes));
    }

    /** Numbers of the chunks that are pinned, in order. */
    Set<Integer> chunks() {
        loaded.chunks(CHANNEL).forEach(this::chunk);
        return plane == null ? Set.of() : plane.chunks.keySet();
    }

    /** One pinned chunk; null: it is not. */
    @Nullable
    MemorySegment chunk(int number) {
        LoadedStates.State state = loaded.take(new Slot(CHANNEL, number));
        if (state != null) {
            Plane current = plane == null ? new Plane() : plane;
            plane = current;
            current.chunks.put(
                    number,
                    current.memory.allocate(state.bytes().byteSize(), 64).copyFrom(state.bytes()));
        }
        return plane == null ? null : plane.chunks.get(number);
    }

    /**
     * Writes old + w (new - old) for one chunk; tensors that are not averaged are the new model's.
     *
     * @param mixed the new model's chunk, which the mix replaces
     */
    void mix(ChunkSpec chunk, Dtype dtype, TensorPolicy policy, double newWeight, MemorySegment mixed) {
        MemorySegment old = chunk(chunk.index());
        if (old == null) {
            throw new FoldException("chunk " + chunk.index()
                    + " is mixed with a baseline that was never pinned; the log contradicts itself");
        }
        if (policy != TensorPolicy.AVERAGE) {
            return;
        }
        Lerp lerp = Lerp.SHAPE;
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment state = scratch.allocate(lerp.stateBytes(dtype, chunk.elements()), 64);
            lerp.update(kernel, state, old, dtype, chunk.elements(), List.of(1.0));
            lerp.update(kernel, state, mixed, dtype, chunk.elements(), List.of(newWeight));
            lerp.emit(kernel, state, dtype, chunk.elements(), List.of(newWeight), mixed);
        }
    }

    long bytes() {
        return plane == null
                ? 0
                : plane.chunks.values().stream()
                        .mapToLong(MemorySegment::byteSize)
                        .sum();
    }

    @Override
    public void close() {
        Plane old = plane;
        plane = null;
        if (old != null) {
            old.close();
        }
    }
}
