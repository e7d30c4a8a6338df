package dev.weir.schemas.wire;

import java.nio.ByteBuffer;
import java.util.function.IntFunction;

/** Fills one array of exactly the right size with Avro's binary encoding. */
final class Sink {
    private final byte[] bytes;
    private int at;

    /** @param arrays gives an array of so many bytes, whatever is in it */
    Sink(int schemaId, int bodyBytes, IntFunction<byte[]> arrays) {
        bytes = arrays.apply(Frame.HEAD_BYTES + bodyBytes);
        ByteBuffer.wrap(bytes).put((byte) 0).putInt(schemaId);
        at = Frame.HEAD_BYTES;
    }

    /** Bytes that a number takes; an int takes as many as the long of the same value. */
    static int sizeOf(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        return (70 - Long.numberOfLeadingZeros(zigzag | 1)) / 7;
    }

    /** Bytes that a string or bytes of that length take. */
    static int sizeOfBytes(int length) {
        return Math.addExact(sizeOf(length), length);
    }

    Sink number(long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
        return this;
    }

    Sink fixed(byte[] value) {
        System.arraycopy(value, 0, bytes, at, value.length);
        at += value.length;
        return this;
    }

    Sink string(byte[] utf8) {
        return number(utf8.length).fixed(utf8);
    }

    /** Copies a buffer's remaining bytes; its position stays. */
    Sink bytes(ByteBuffer value) {
        int length = value.remaining();
        number(length);
        value.get(value.position(), bytes, at, length);
        at += length;
        return this;
    }

    byte[] filled(String record) {
        if (at != bytes.length) {
            throw new IllegalStateException(record + ": wrote " + at + " of " + bytes.length + " bytes");
        }
        return bytes;
    }
}
