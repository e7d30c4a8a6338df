package dev.weir.topology.merge;

import dev.weir.operators.kernel.Slabs;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory off the heap into which payloads are received, used again and again by all stream threads of a process. Payloads that
 * nobody gives back, because Kafka Streams has dropped their records, come back when the garbage collector finds them. Safe for
 * many threads.
 */
final class ReceivedMemory implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Slabs memory = Slabs.ofSmallPages();
    private final Map<Long, ArrayDeque<MemorySegment>> free = new HashMap<>();
    private long lent;
    private long total;

    /** Memory of this size, whose contents are whatever they are. */
    synchronized MemorySegment take(long byteSize) {
        lent += byteSize;
        ArrayDeque<MemorySegment> sameSize = free.get(byteSize);
        MemorySegment mine = sameSize == null ? null : sameSize.poll();
        if (mine != null) {
            return mine;
        }
        total += byteSize;
        return memory.allocate(byteSize, 64);
    }

    /** Takes back what {@link #take} gave. */
    synchronized void give(MemorySegment segment) {
        lent -= segment.byteSize();
        free.computeIfAbsent(segment.byteSize(), size -> new ArrayDeque<>()).push(segment);
    }

    /** Bytes that are not free. */
    synchronized long lentBytes() {
        return lent;
    }

    /** All bytes, lent and free. */
    synchronized long bytes() {
        return total;
    }

    /** What gives memory back, once, when it is asked to or when nobody can ask any more. */
    Cleaner.Cleanable cleanable(Object owner, MemorySegment segment) {
        return CLEANER.register(owner, () -> give(segment));
    }

    /** Nobody may look at any payload any more. */
    @Override
    public synchronized void close() {
        memory.close();
    }
}
