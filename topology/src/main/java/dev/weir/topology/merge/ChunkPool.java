package dev.weir.topology.merge;

import dev.weir.operators.kernel.Slabs;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Memory off the heap for chunks that wait, used again and again: fresh memory would be zeroed and its pages mapped for
 * every chunk. A layout has few sizes of chunks, so a free one of the same size is likely. Whoever copies a chunk owns the
 * memory; a payload that was received off the heap is taken over as it is, and copies are made in the same memory from then on, so
 * that both use what the other has given back. Averages that wait for a chunk to change keep it beside the owner, as many as there
 * are, and without a copy. Not thread-safe; all memory is given back at the end.
 */
final class ChunkPool implements AutoCloseable {
    private final long budgetBytes;
    private final Slabs memory = Slabs.ofSmallPages();
    private final Map<Long, ArrayDeque<MemorySegment>> free = new HashMap<>();
    private final Map<Long, Kept> kept = new HashMap<>();
    private final Map<Pair, Boolean> compared = new HashMap<>();
    /** How memory that is not this pool's own is given back, by address. */
    private final Map<Long, Runnable> shared = new HashMap<>();

    private @Nullable ReceivedMemory source;
    private @Nullable ReceivedPayload offered;
    private Runnable reclaim = () -> {};
    private long bytes;
    private long used;
    private long orphaned;

    /** Memory that averages keep. */
    private static final class Kept {
        private int keepers;
        private boolean owned = true;
    }

    /** The addresses of two chunks. */
    private record Pair(long one, long other) {}

    /** @param budgetBytes of what is in use; whoever can do without asks {@link #hasRoom} first */
    ChunkPool(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    /** How memory is had back that is kept only to be used later. */
    void reclaimBy(Runnable given) {
        reclaim = given;
    }

    /** Whether so much more fits into the budget; what is kept only to be used later gives way first. */
    boolean hasRoom(long byteSize) {
        if (!isWithinBudget(byteSize)) {
            reclaim.run();
        }
        return used + byteSize <= budgetBytes;
    }

    /** Whether all that is in use, and so much more, fits into the budget. */
    boolean isWithinBudget(long more) {
        return used + orphaned + more <= budgetBytes;
    }

    /** While its record is folded, a payload can be had without a copy; null: none can any more. */
    void offer(@Nullable ReceivedPayload payload) {
        offered = payload;
        if (payload != null) {
            source = payload.from();
        }
    }

    /** These bytes as they are if they were offered, which they can be once, and a copy of them otherwise. */
    MemorySegment copy(MemorySegment given) {
        used += given.byteSize();
        compared.clear();
        ReceivedPayload payload = offered;
        if (payload != null
                && payload.bytes().address() == given.address()
                && payload.bytes().byteSize() == given.byteSize()) {
            offered = null;
            payload.take();
            bytes += given.byteSize();
            shared.put(given.address(), payload::giveBack);
            return payload.bytes();
        }
        return take(given.byteSize()).copyFrom(given);
    }

    private MemorySegment take(long byteSize) {
        ArrayDeque<MemorySegment> sameSize = free.get(byteSize);
        MemorySegment mine = sameSize == null ? null : sameSize.poll();
        if (mine != null) {
            return mine;
        }
        bytes += byteSize;
        ReceivedMemory from = source;
        if (from == null) {
            return memory.allocate(byteSize, 64);
        }
        MemorySegment taken = from.take(byteSize);
        shared.put(taken.address(), () -> from.give(taken));
        return taken;
    }

    /** Takes back what {@link #copy} gave; nobody may look at it any more but those who keep it. */
    void release(MemorySegment segment) {
        used -= segment.byteSize();
        Kept still = kept.get(segment.address());
        if (still == null) {
            free(segment);
        } else {
            still.owned = false;
            orphaned += segment.byteSize();
        }
    }

    /** Keeps a chunk that somebody owns or keeps, whatever its owner does, until it is dropped. */
    void keep(MemorySegment segment) {
        kept.computeIfAbsent(segment.address(), address -> new Kept()).keepers++;
    }

    /** Keeps a chunk no longer. */
    void drop(MemorySegment segment) {
        Kept still = Objects.requireNonNull(kept.get(segment.address()));
        if (--still.keepers == 0) {
            kept.remove(segment.address());
            if (!still.owned) {
                orphaned -= segment.byteSize();
                free(segment);
            }
        }
    }

    /** Whether two chunks are the same, byte for byte; looked at once, however many channels ask. */
    boolean same(MemorySegment one, MemorySegment other) {
        return one.address() == other.address()
                ? one.byteSize() == other.byteSize()
                : compared.computeIfAbsent(new Pair(one.address(), other.address()), pair -> one.mismatch(other) < 0);
    }

    private void free(MemorySegment segment) {
        Runnable giveBack = shared.remove(segment.address());
        if (giveBack != null) {
            bytes -= segment.byteSize();
            giveBack.run();
            return;
        }
        free.computeIfAbsent(segment.byteSize(), size -> new ArrayDeque<>()).push(segment);
    }

    /** Bytes held: used, and free ones of its own. */
    long bytes() {
        return bytes;
    }

    /** Bytes that somebody owns. */
    long usedBytes() {
        return used;
    }

    @Override
    public void close() {
        free.clear();
        shared.values().forEach(Runnable::run);
        shared.clear();
        memory.close();
    }
}
