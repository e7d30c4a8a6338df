package dev.weir.topology.merge;

import dev.weir.operators.ChunkFold;
import dev.weir.operators.shape.Companion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One channel's state over one chunk, which waits while the chunk stays the same, where the operator allows that. What is
 * the same is settled by the rule of {@link ChunkFold}, over the chunks that entered this channel, never by how they came.
 *
 * <p>Saved, such a state is followed by 16 bytes, little-endian: flags, the CRC-32C of the chunk that entered last, as ints,
 * and the share of it that waits, as a double; and by that chunk where a later one must be compared with it.
 */
final class ChannelChunk {
    private static final int TRAILER_BYTES = 16;
    private static final int ENTERED = 1;
    private static final int COPIED = 2;
    private static final int COMPARABLE = 4;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final ChunkFold fold;
    private final ChunkPool pool;
    private MemorySegment trailer = MemorySegment.NULL;
    private MemorySegment stateAndTrailer = MemorySegment.NULL;
    private boolean entered;
    private int crc;
    /** Whether a chunk like the last one may wait: the last one is the state itself, or had the checksum of its predecessor. */
    private boolean comparable;
    /** The chunk that entered last, where it is needed: to compare the next one with, or because it waits. */
    private @Nullable MemorySegment kept;

    /** @param pool has the memory of the chunks that enter */
    ChannelChunk(ChunkFold fold, ChunkPool pool) {
        this.fold = fold;
        this.pool = pool;
    }

    /** @param memory gives zeros; asked at the first update only */
    void update(SegmentAllocator memory, Held held, List<Double> coefficients) {
        MemorySegment theta = held.bytes();
        if (!fold.mayWait()) {
            fold.update(memory, theta, coefficients);
            return;
        }
        boolean sameCrc = entered && crc == held.crc();
        if (sameCrc && comparable && isLast(theta)) {
            // The state is the chunk itself: memory for it is worth its while only where it is there anyway.
            keep(fold.copied() && held.spilled() ? null : theta);
            fold.repeat(theta, coefficients);
            return;
        }
        fold.update(
                (size, alignment) -> withTrailer(memory.allocate(size + TRAILER_BYTES, alignment)),
                theta,
                coefficients);
        keep(sameCrc ? theta : null);
        comparable = sameCrc || fold.copied();
        crc = held.crc();
        entered = true;
    }

    /** As above, of an operator that reads a companion; its updates never wait. */
    void update(SegmentAllocator memory, Held held, Companion companion, List<Double> coefficients) {
        fold.update(memory, held.bytes(), companion, coefficients);
    }

    /** What the chunk of a checkpoint that has not entered yet is reduced to. */
    double[] reduce(MemorySegment theta) {
        return fold.reduce(theta);
    }

    /** The merged chunk, in scratch or where its state lies; valid until the next update. */
    MemorySegment merged(List<Double> coefficients, MemorySegment scratch) {
        return fold.merged(coefficients, scratch);
    }

    /**
     * All that {@link #resume} needs, in scratch or where the state lies; valid until the next update. Null before the first.
     */
    @Nullable
    MemorySegment saved(SegmentAllocator scratch) {
        MemorySegment state = fold.state();
        if (state == null || !fold.mayWait()) {
            return state;
        }
        int flags = (entered ? ENTERED : 0) | (fold.copied() ? COPIED : 0) | (comparable ? COMPARABLE : 0);
        trailer.set(INT, 0, flags);
        trailer.set(INT, 4, crc);
        trailer.set(DOUBLE, 8, fold.waitingShare());
        MemorySegment theta = kept;
        if (theta == null || fold.copied()) {
            return stateAndTrailer;
        }
        MemorySegment all = scratch.allocate(stateAndTrailer.byteSize() + theta.byteSize(), 1);
        all.asSlice(0, stateAndTrailer.byteSize()).copyFrom(stateAndTrailer);
        all.asSlice(stateAndTrailer.byteSize()).copyFrom(theta);
        return all;
    }

    /**
     * Goes on from what {@link #saved} gave; the state is used where it lies, a chunk behind it is copied to the pool.
     *
     * @throws IllegalArgumentException when it has another size than this channel's state
     */
    void resume(MemorySegment saved, int chunkBytes) {
        if (!fold.mayWait()) {
            fold.resume(saved);
            return;
        }
        long alone = stateBytes();
        if (saved.byteSize() != alone && saved.byteSize() != alone + chunkBytes) {
            throw new IllegalArgumentException(
                    "a state of " + saved.byteSize() + " bytes; needed: " + alone + " or " + (alone + chunkBytes));
        }
        fold.resume(withTrailer(saved.asSlice(0, alone)));
        int flags = trailer.get(INT, 0);
        entered = (flags & ENTERED) != 0;
        comparable = (flags & COMPARABLE) != 0;
        crc = trailer.get(INT, 4);
        if (saved.byteSize() > alone) {
            MemorySegment theta = pool.copy(saved.asSlice(alone));
            keep(theta);
            pool.release(theta);
        }
        fold.resumeWaiting((flags & COPIED) != 0, trailer.get(DOUBLE, 8), kept);
    }

    /** Bytes of state, without what is kept in the pool. */
    long stateBytes() {
        return fold.stateBytes() + (fold.mayWait() ? TRAILER_BYTES : 0);
    }

    /** Keeps nothing in the pool any more. */
    void release() {
        keep(null);
    }

    private boolean isLast(MemorySegment theta) {
        MemorySegment last = kept;
        return last != null ? pool.same(last, theta) : fold.holds(theta);
    }

    /** Keeps this chunk, and no longer the one before. */
    private void keep(@Nullable MemorySegment theta) {
        MemorySegment before = kept;
        if (theta != null) {
            pool.keep(theta);
        }
        if (before != null) {
            pool.drop(before);
        }
        kept = theta;
    }

    private MemorySegment withTrailer(MemorySegment both) {
        stateAndTrailer = both;
        long state = both.byteSize() - TRAILER_BYTES;
        trailer = both.asSlice(state);
        return both.asSlice(0, state);
    }
}
