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
 * memory; a payload that was received off the heap is taken over as it is; averages that wait for a chunk to change keep it beside the owner, as many as there are, and without a copy. Not
 * thread-safe; all memory is given back at the end.
 */
final class ChunkPool implements AutoCloseable {
    private final Slabs memory = Slabs.ofSmallPages();
    private final Map<Long, ArrayDeque<MemorySegment>> free = new HashMap<>();
    private final Map<Long, Kept> kept = new HashMap<>();
    private final Map<Pair, Boolean> compared = new HashMap<>();
    private final Map<Long, ReceivedPayload> received = new HashMap<>();
    private @Nullable ReceivedPayload offered;
    private long bytes;
    private long used;

    /** Memory that averages keep. */
    private static final class Kept {
        private int keepers;
        private boolean owned = true;
    }

    /** The addresses of two chunks. */
    private record Pair(long one, long other) {}

    /** While its record is folded, a payload can be had without a copy; null: none can any more. */
    void offer(@Nullable ReceivedPayload payload) {
        offered = payload;
    }

    /** These bytes as they are if they were offered, which they can be once, and a copy of them otherwise. */
    MemorySegment copy(MemorySegment source) {
        ReceivedPayload payload = offered;
        if (payload != null
                && payload.bytes().address() == source.address()
                && payload.bytes().byteSize() == source.byteSize()) {
            offered = null;
            payload.take();
            received.put(source.address(), payload);
            bytes += source.byteSize();
            used += source.byteSize();
            compared.clear();
            return payload.bytes();
        }
        ArrayDeque<MemorySegment> sameSize = free.get(source.byteSize());
        MemorySegment mine = sameSize == null ? null : sameSize.poll();
        if (mine == null) {
            mine = memory.allocate(source.byteSize(), 64);
            bytes += source.byteSize();
        }
        used += source.byteSize();
        compared.clear();
        return mine.copyFrom(source);
    }

    /** Takes back what {@link #copy} gave; nobody may look at it any more but those who keep it. */
    void release(MemorySegment segment) {
        used -= segment.byteSize();
        Kept still = kept.get(segment.address());
        if (still == null) {
            free(segment);
        } else {
            still.owned = false;
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
        ReceivedPayload payload = received.remove(segment.address());
        if (payload != null) {
            bytes -= segment.byteSize();
            payload.giveBack();
            return;
        }
        free.computeIfAbsent(segment.byteSize(), size -> new ArrayDeque<>()).push(segment);
    }

    /** Bytes held, used and free. */
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
        received.values().forEach(ReceivedPayload::giveBack);
        received.clear();
        memory.close();
    }
}
