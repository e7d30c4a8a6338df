package dev.weir.operators.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Memory off the heap that is given in pieces and given back all at once. Pieces are cut from slabs that grow with what was
 * asked for, up to 64 MiB: large enough for pages of 2 MiB, of which the first touch costs a fraction of what it does for the
 * same bytes in small ones ({@link SystemMemory}). What is not touched is not resident. Not thread-safe, but may be used
 * from one thread after another.
 */
public final class Slabs implements SegmentAllocator, AutoCloseable {
    private static final long SMALLEST = 64L << 10;
    private static final long LARGEST = 64L << 20;

    private final Arena arena = Arena.ofShared();
    private final boolean largePages;
    private MemorySegment slab = MemorySegment.NULL;
    private long used;
    private long total;

    /** For what stays: large pages are asked for. */
    public Slabs() {
        this(true);
    }

    private Slabs(boolean largePages) {
        this.largePages = largePages;
    }

    /**
     * For what comes and goes while much other memory is touched: where the system must first make room for a large page, that
     * costs more than the small ones do.
     */
    public static Slabs ofSmallPages() {
        return new Slabs(false);
    }

    /**
     * A piece of zeros.
     *
     * @param byteAlignment a power of two, at most a page
     * @throws OutOfMemoryError when the system has none
     */
    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
        long at = (used + byteAlignment - 1) & -byteAlignment;
        if (at + byteSize > slab.byteSize()) {
            slab = SystemMemory.allocate(Math.max(byteSize, Math.clamp(total, SMALLEST, LARGEST)), largePages, arena);
            total += slab.byteSize();
            at = 0;
        }
        used = at + byteSize;
        return slab.asSlice(at, byteSize);
    }

    /** Nobody may look at any piece any more. */
    @Override
    public void close() {
        arena.close();
    }
}
