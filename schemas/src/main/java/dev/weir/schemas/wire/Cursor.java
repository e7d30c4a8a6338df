package dev.weir.schemas.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads Avro's binary encoding from an array and never beyond it: a length is compared with the bytes that are left
 * before anything is allocated for it. Errors name the record, the field and the position.
 */
final class Cursor {
    private static final String NEXT = "; next: repair the program that wrote it";

    private final String record;
    private final byte[] bytes;
    private final int begin;
    private final int limit;
    private int at;
    private long items;
    private String field = "";

    /** Reads what remains in a buffer that has an array, from one of its bytes on. */
    Cursor(String record, ByteBuffer buffer, int from) {
        this.record = record;
        this.bytes = buffer.array();
        this.begin = buffer.arrayOffset() + buffer.position();
        this.limit = begin + buffer.remaining();
        this.at = begin + from;
    }

    String record() {
        return record;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Index in the array of the byte that is read next. */
    int at() {
        return at;
    }

    int remaining() {
        return limit - at;
    }

    /** Names the field that is read next. */
    Cursor field(String name) {
        field = name;
        return this;
    }

    int readByte() {
        if (at >= limit) {
            throw truncated(1);
        }
        return bytes[at++];
    }

    int readInt() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int b = readByte();
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw notAvro("an int of more than 5 bytes");
    }

    long readLong() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int b = readByte();
            value |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw notAvro("a long of more than 10 bytes");
    }

    /** Reads the length of a string or of bytes, which are there in full. */
    int readLength() {
        long length = readLong();
        if (length < 0) {
            throw notAvro("length " + length + ", allowed: 0 and more");
        }
        if (length > remaining()) {
            throw truncated(length);
        }
        return (int) length;
    }

    /** Reads the item count of a block of an array or a map; an item takes a byte at least. */
    long readCount() {
        long count = readLong();
        if (count < 0) {
            readLong();
            count = -count;
        }
        if (count < 0 || count > limit - begin - items) {
            throw truncated(count);
        }
        items += count;
        return count;
    }

    String readString() {
        int length = readLength();
        String value = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return value;
    }

    byte[] readFixed(int size) {
        byte[] value = new byte[size];
        int from = at;
        skip(size);
        System.arraycopy(bytes, from, value, 0, size);
        return value;
    }

    /** Reads bytes as a view of the array. */
    ByteBuffer readSlice() {
        int length = readLength();
        ByteBuffer slice = ByteBuffer.wrap(bytes, at, length).slice();
        at += length;
        return slice;
    }

    void skip(int length) {
        if (length > remaining()) {
            throw truncated(length);
        }
        at += length;
    }

    void expectEnd() {
        if (at != limit) {
            throw new BadRecordException(
                    BadRecordException.TRAILING_BYTES,
                    record + ": " + remaining() + " bytes follow its end at byte " + (at - begin) + "; allowed: none"
                            + NEXT);
        }
    }

    BadRecordException notAvro(String what) {
        return new BadRecordException(
                BadRecordException.NOT_AVRO,
                record + ": " + field + " before byte " + (at - begin) + ": " + what + NEXT);
    }

    private BadRecordException truncated(long claimed) {
        return new BadRecordException(
                BadRecordException.TRUNCATED,
                record + ": " + field + " at byte " + (at - begin) + " claims " + claimed + ", allowed: " + remaining()
                        + ", all that is left" + NEXT);
    }
}
