package dev.weir.topology.merge;

import dev.weir.operators.kernel.Slabs;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Memory off the heap into which payloads are received, used again and again by all stream threads of a process. Payloads that
 * nobody gives back, because Kafka Streams has dropped their records, come back when the garbage collector finds them. Safe for
 * many threads.
 */
final class ReceivedMemory implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Slabs memory = Slabs.ofSmallPages();
    /** By size, which is one of few, so that payloads of every wrong size take no memory each. */
    private final Map<Long, ArrayDeque<MemorySegment>> free = new HashMap<>();
    /** By address. */
    private final Map<Long, MemorySegment> taken = new HashMap<>();

    private long lent;
    private long total;

    /** Memory of this size, whose contents are whatever they are. */
    synchronized MemorySegment take(long byteSize) {
        long size = rounded(byteSize);
        ArrayDeque<MemorySegment> sameSize = free.get(size);
        MemorySegment mine = sameSize == null ? null : sameSize.poll();
        if (mine == null) {
            mine = memory.allocate(size, 64);
            total += size;
        }
        lent += byteSize;
        taken.put(mine.address(), mine);
        return mine.asSlice(0, byteSize);
    }

    /** An eighth more at most; what layouts cut, 15 times 64 KiB, is as it is. */
    private static long rounded(long byteSize) {
        long step = Math.max(64, Long.highestOneBit(byteSize) / 8);
        return Math.ceilDiv(byteSize, step) * step;
    }

    /** Takes back what {@link #take} gave. */
    synchronized void give(MemorySegment segment) {
        MemorySegment whole = Objects.requireNonNull(taken.remove(segment.address()), "given back twice");
        lent -= segment.byteSize();
        free.computeIfAbsent(whole.byteSize(), size -> new ArrayDeque<>()).push(whole);
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
