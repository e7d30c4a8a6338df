package dev.weir.topology.merge;

import java.lang.foreign.MemorySegment;

/**
 * A chunk as it came.
 *
 * @param crc CRC-32C of its decoded bytes
 * @param bytes decoded, little-endian, off the heap
 * @param offset where the log has it
 * @param anchor offset of the full chunk from which it can be decoded with those between; its own where it is full
 * @param shared whether the bytes are those of its run's base, which this chunk equals
 * @param spilled whether the bytes are left in the log, where the record at the anchor has them in full
 * @param finite whether it is known that no value is NaN or infinite
 */
record Held(int crc, MemorySegment bytes, long offset, long anchor, boolean shared, boolean spilled, boolean finite) {

    /** A chunk of which a keyframe knows, and whose bytes come when the log is read again. */
    static Held awaited(int crc, long offset, long anchor) {
        return new Held(crc, MemorySegment.NULL, offset, anchor, false, false, false);
    }

    /** A full chunk whose bytes are left in the log. */
    static Held spilled(int crc, long offset, boolean finite) {
        return new Held(crc, MemorySegment.NULL, offset, offset, false, true, finite);
    }

    /** The same chunk as one that shares nothing, with its bytes where they are. */
    Held own() {
        return new Held(crc, bytes, offset, anchor, false, spilled, finite);
    }

    /** The same chunk without its bytes, which are those of the record at its anchor. */
    Held left() {
        return new Held(crc, MemorySegment.NULL, offset, anchor, shared, true, finite);
    }

    /** A chunk that was left in the log, with its bytes for the moment. */
    Held reread(MemorySegment borrowed) {
        return new Held(crc, borrowed, offset, anchor, shared, true, finite);
    }

    /** Whether the bytes are not here. */
    boolean missing() {
        return bytes.equals(MemorySegment.NULL);
    }

    /** The same chunk with bytes of its own. */
    Held with(MemorySegment own) {
        return new Held(crc, own, offset, anchor, false, false, finite);
    }
}
