package dev.weir.topology.merge;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory off the heap for one merged chunk or one state, used again and again. */
final class Scratch implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private MemorySegment memory = MemorySegment.NULL;

    /** So many bytes, with what was left in them; valid until the next call. */
    MemorySegment of(int byteSize) {
        if (memory.byteSize() < byteSize) {
            memory = arena.allocate(byteSize, 64);
        }
        return memory.asSlice(0, byteSize);
    }

    @Override
    public void close() {
        arena.close();
    }
}
