package dev.weir.schemas.delta;

import java.nio.ByteBuffer;

/**
 * A payload that is read from front to back. Nothing behind its end is ever read; what should stand there and does not
 * is a {@link BadDeltaException} that says at which byte.
 */
final class PayloadReader {
    /** Bytes behind the payload that may be loaded, though they count for nothing. */
    static final int PADDING = Long.BYTES;

    /** Nothing to read. */
    static final PayloadReader EMPTY = new PayloadReader("nothing", new byte[PADDING], 0, 0);

    private final String what;
    private final byte[] bytes;
    private final int end;
    private int position;

    private PayloadReader(String what, byte[] bytes, int end, int position) {
        this.what = what;
        this.bytes = bytes;
        this.end = end;
        this.position = position;
    }

    /**
     * Reads a payload.
     *
     * @param what it is, for messages
     * @param scratch takes its bytes where it has room for them and {@link #PADDING}
     */
    static PayloadReader of(String what, ByteBuffer payload, byte[] scratch) {
        int size = payload.remaining();
        byte[] bytes = scratch.length >= size + PADDING ? scratch : new byte[size + PADDING];
        payload.duplicate().get(bytes, 0, size);
        return new PayloadReader(what, bytes, size, 0);
    }

    /** The array, in which the payload begins at 0, with {@link #PADDING} behind {@link #end()}. */
    byte[] array() {
        return bytes;
    }

    int position() {
        return position;
    }

    int end() {
        return end;
    }

    /** Another reader, from the same byte on. */
    PayloadReader mark() {
        return new PayloadReader(what, bytes, end, position);
    }

    void moveTo(PayloadReader other) {
        position = other.position;
    }

    int u8(String field) {
        need(1, field);
        return bytes[position++] & 0xff;
    }

    int u16(String field) {
        need(2, field);
        return u8(field) | u8(field) << 8;
    }

    int i32(String field) {
        need(Integer.BYTES, field);
        return u16(field) | u16(field) << 16;
    }

    /** A number from 0 to that limit. */
    int varint(String field, int atMost) {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int next = u8(field);
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                if (value > atMost) {
                    throw problem(field + " is " + value + ", at most " + atMost + " is allowed");
                }
                return (int) value;
            }
        }
        throw problem(field + " has more than five bytes");
    }

    void bytes(byte[] to, int offset, int count) {
        need(count, "bytes");
        System.arraycopy(bytes, position, to, offset, count);
        position += count;
    }

    /** Skips bytes and says where they began. */
    int skip(int count, String field) {
        need(count, field);
        position += count;
        return position - count;
    }

    void finish() {
        if (position != end) {
            throw problem((end - position) + " bytes follow where the payload must end");
        }
    }

    BadDeltaException problem(String problem) {
        return new BadDeltaException(what + ", byte " + position + " of " + end + ": " + problem);
    }

    BadDeltaException problem(String problem, Throwable cause) {
        return new BadDeltaException(problem(problem).getMessage(), cause);
    }

    private void need(int count, String field) {
        if (end - position < count) {
            throw problem(field + " needs " + count + " bytes, " + (end - position) + " are left");
        }
    }
}
