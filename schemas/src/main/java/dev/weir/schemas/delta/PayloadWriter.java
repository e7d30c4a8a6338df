package dev.weir.schemas.delta;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Bytes that grow; little-endian. */
final class PayloadWriter {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes = new byte[1 << 10];
    private int size;

    void clear() {
        size = 0;
    }

    int size() {
        return size;
    }

    void u8(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    void u16(int value) {
        u8(value);
        u8(value >>> 8);
    }

    void i32(int value) {
        room(Integer.BYTES);
        INT.set(bytes, size, value);
        size += Integer.BYTES;
    }

    /** Seven bits a byte, the lowest first; the value is not negative. */
    void varint(int value) {
        int rest = value;
        while (rest > 0x7f) {
            u8(rest | 0x80);
            rest >>>= 7;
        }
        u8(rest);
    }

    /** Writes a smaller number over one of that many bytes, in as many. */
    void patchVarint(int at, int width, int value) {
        for (int i = 0; i < width; i++) {
            int more = i < width - 1 ? 0x80 : 0;
            bytes[at + i] = (byte) (value >>> 7 * i & 0x7f | more);
        }
    }

    void truncate(int toSize) {
        size = toSize;
    }

    void bytes(byte[] from, int offset, int count) {
        room(count);
        System.arraycopy(from, offset, bytes, size, count);
        size += count;
    }

    /** The array that holds the bytes, with room for that many more behind {@link #size()}. */
    byte[] room(int count) {
        if (bytes.length - size < count) {
            bytes = Arrays.copyOf(bytes, Math.max(size + count, 2 * bytes.length));
        }
        return bytes;
    }

    /** Takes that many bytes, written behind {@link #size()}, in. */
    void advance(int count) {
        size += count;
    }

    /** A view of what was written; valid until the next write. */
    ByteBuffer view() {
        return ByteBuffer.wrap(bytes, 0, size).slice().order(ByteOrder.LITTLE_ENDIAN);
    }
}
