package dev.weir.topology.merge;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory off the heap for chunks that wait, used again and again: fresh memory would be zeroed and its pages mapped for
 * every chunk. A layout has few sizes of chunks, so a free one of the same size is likely. Not thread-safe; all memory is
 * given back at the end.
 */
final class ChunkPool implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final Map<Long, ArrayDeque<MemorySegment>> free = new HashMap<>();
    private long bytes;
    private long used;

    /** A copy of these bytes. */
    MemorySegment copy(MemorySegment source) {
        ArrayDeque<MemorySegment> sameSize = free.get(source.byteSize());
        MemorySegment mine = sameSize == null ? null : sameSize.poll();
        if (mine == null) {
            mine = arena.allocate(source.byteSize(), 64);
            bytes += source.byteSize();
        }
        used += source.byteSize();
        return mine.copyFrom(source);
    }

    /** Takes back what {@link #copy} gave; nobody may look at it any more. */
    void release(MemorySegment segment) {
        used -= segment.byteSize();
        free.computeIfAbsent(segment.byteSize(), size -> new ArrayDeque<>()).push(segment);
    }

    /** Bytes held, used and free. */
    long bytes() {
        return bytes;
    }

    /** Bytes that somebody has. */
    long usedBytes() {
        return used;
    }

    @Override
    public void close() {
        free.clear();
        arena.close();
    }
}
