package dev.weir.schemas.delta;

import dev.weir.schemas.tensor.Dtype;
import java.util.Arrays;

/**
 * One bit an element that says whether it changed; then, of those that did, the lowest bytes of their folded
 * differences, the next higher ones, and so on. Bits and each plane go through zstd apart. Leaving the unchanged ones
 * out first spares zstd most of its work and lets its Huffman coder reach fractions of a bit an element.
 */
final class PlanesCodec implements Codec, AutoCloseable {
    private static final int BLOCK = 8;

    private final Sections sections = new Sections();
    private byte[] changed = new byte[0];
    private byte[] planes = new byte[0];

    @Override
    public void encode(Dtype dtype, byte[] base, byte[] bytes, int length, PayloadWriter out) {
        int elements = length / dtype.bytes();
        reserve(elements, length);
        mark(dtype.bytes(), base, bytes, elements);
        clearBehind(elements);
        int count = count(elements);
        if (dtype.bytes() == 2) {
            split16((int) Bits.magnitude(dtype), base, bytes, elements);
        } else {
            split(dtype, base, bytes, elements);
        }
        sections.write(changed, 0, (elements + 7) / 8, out);
        for (int plane = 0; plane < dtype.bytes(); plane++) {
            sections.write(planes, plane * elements, count, out);
        }
    }

    @Override
    public void decode(Dtype dtype, byte[] base, PayloadReader in, byte[] out, int length) {
        int elements = length / dtype.bytes();
        reserve(elements, length);
        sections.read(in, changed, 0, (elements + 7) / 8);
        clearBehind(elements);
        if (elements % 8 != 0 && (changed[elements / 8] & 0xff) >>> elements % 8 != 0) {
            throw in.problem("elements beyond the chunk, which has " + elements + ", are marked as changed");
        }
        int count = count(elements);
        for (int plane = 0; plane < dtype.bytes(); plane++) {
            sections.read(in, planes, plane * elements, count);
        }
        System.arraycopy(base, 0, out, 0, length);
        if (dtype.bytes() == 2) {
            apply16((int) Bits.magnitude(dtype), base, out, elements);
        } else {
            apply(dtype, base, out, elements);
        }
    }

    private void reserve(int elements, int length) {
        if (planes.length < length) {
            planes = new byte[length];
        }
        int bits = (elements + 63) / 64 * 8;
        if (changed.length < bits) {
            changed = new byte[bits];
        }
    }

    /** Sets the bits of elements that changed. */
    private void mark(int width, byte[] base, byte[] bytes, int elements) {
        int whole = width == 2 ? elements / BLOCK * BLOCK : 0;
        for (int from = 0; from < whole; from += BLOCK) {
            int low = nonZero16((long) Bits.LONG.get(base, 2 * from) ^ (long) Bits.LONG.get(bytes, 2 * from));
            int high = nonZero16((long) Bits.LONG.get(base, 2 * from + 8) ^ (long) Bits.LONG.get(bytes, 2 * from + 8));
            changed[from / BLOCK] = (byte) (low | high << 4);
        }
        for (int from = whole; from < elements; from += BLOCK) {
            int bits = 0;
            for (int i = from; i < Math.min(from + BLOCK, elements); i++) {
                boolean differs = Bits.get(base, width * i, width) != Bits.get(bytes, width * i, width);
                bits |= differs ? 1 << i - from : 0;
            }
            changed[from / BLOCK] = (byte) bits;
        }
    }

    /** One bit for each of the four elements of two bytes that is not 0, the lowest first. */
    private static int nonZero16(long elements) {
        long low = 0x7fff7fff7fff7fffL;
        long tops = ((elements & low) + low | elements) & ~low;
        // Moves bits 15, 31, 47 and 63 beside each other at the top.
        return (int) ((tops >>> 15) * 0x1000200040008000L >>> 60);
    }

    /** Fills the planes from the elements that are marked. */
    private void split16(int magnitude, byte[] base, byte[] bytes, int elements) {
        byte[] to = planes;
        int next = 0;
        for (int word = 0; word < elements; word += 64) {
            for (long bits = (long) Bits.LONG.get(changed, word / 8); bits != 0; bits &= bits - 1) {
                int at = 2 * (word + Long.numberOfTrailingZeros(bits));
                int was = (short) Bits.SHORT.get(base, at);
                int is = (short) Bits.SHORT.get(bytes, at);
                int difference = (short) ((is ^ is >> 31 & magnitude) - (was ^ was >> 31 & magnitude));
                int folded = difference << 1 ^ difference >> 31;
                to[next] = (byte) folded;
                to[elements + next] = (byte) (folded >>> 8);
                next++;
            }
        }
    }

    private void split(Dtype dtype, byte[] base, byte[] bytes, int elements) {
        int width = dtype.bytes();
        long magnitude = Bits.magnitude(dtype);
        int next = 0;
        for (int word = 0; word < elements; word += 64) {
            for (long bits = (long) Bits.LONG.get(changed, word / 8); bits != 0; bits &= bits - 1) {
                int at = width * (word + Long.numberOfTrailingZeros(bits));
                long was = Bits.ordered(Bits.get(base, at, width), magnitude);
                long is = Bits.ordered(Bits.get(bytes, at, width), magnitude);
                long folded = Bits.zigzag(Bits.wrap(is - was, width));
                for (int plane = 0; plane < width; plane++) {
                    planes[plane * elements + next] = (byte) (folded >>> 8 * plane);
                }
                next++;
            }
        }
    }

    /** Clears the rest of the last word, so that words can be read whole. */
    private void clearBehind(int elements) {
        Arrays.fill(changed, (elements + 7) / 8, (elements + 63) / 64 * 8, (byte) 0);
    }

    private int count(int elements) {
        int count = 0;
        for (int at = 0; at < elements; at += 64) {
            count += Long.bitCount((long) Bits.LONG.get(changed, at / 8));
        }
        return count;
    }

    private void apply16(int magnitude, byte[] base, byte[] out, int elements) {
        byte[] in = planes;
        int next = 0;
        for (int word = 0; word < elements; word += 64) {
            for (long bits = (long) Bits.LONG.get(changed, word / 8); bits != 0; bits &= bits - 1) {
                int at = 2 * (word + Long.numberOfTrailingZeros(bits));
                int folded = in[next] & 0xff | (in[elements + next] & 0xff) << 8;
                int was = (short) Bits.SHORT.get(base, at);
                int is = (short) ((was ^ was >> 31 & magnitude) + (folded >>> 1 ^ -(folded & 1)));
                Bits.SHORT.set(out, at, (short) (is ^ is >> 31 & magnitude));
                next++;
            }
        }
    }

    private void apply(Dtype dtype, byte[] base, byte[] out, int elements) {
        int width = dtype.bytes();
        long magnitude = Bits.magnitude(dtype);
        int next = 0;
        for (int word = 0; word < elements; word += 64) {
            for (long bits = (long) Bits.LONG.get(changed, word / 8); bits != 0; bits &= bits - 1) {
                int at = width * (word + Long.numberOfTrailingZeros(bits));
                long folded = 0;
                for (int plane = 0; plane < width; plane++) {
                    folded |= (planes[plane * elements + next] & 0xffL) << 8 * plane;
                }
                long was = Bits.ordered(Bits.get(base, at, width), magnitude);
                long is = Bits.wrap(was + Bits.unzigzag(folded), width);
                Bits.put(out, at, width, Bits.ordered(is, magnitude));
                next++;
            }
        }
    }

    @Override
    public void close() {
        sections.close();
    }
}
