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
        int count = split(dtype, base, bytes, elements);
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
        Arrays.fill(changed, (elements + 7) / 8, (elements + 63) / 64 * 8, (byte) 0);
        if (elements % 8 != 0 && (changed[elements / 8] & 0xff) >>> elements % 8 != 0) {
            throw in.problem("elements beyond the chunk, which has " + elements + ", are marked as changed");
        }
        int count = 0;
        for (int at = 0; at < elements; at += 64) {
            count += Long.bitCount((long) Bits.LONG.get(changed, at / 8));
        }
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

    /** Fills bits and planes; how many elements changed. */
    private int split(Dtype dtype, byte[] base, byte[] bytes, int elements) {
        int width = dtype.bytes();
        long magnitude = Bits.magnitude(dtype);
        int count = 0;
        for (int from = 0; from < elements; from += BLOCK) {
            int to = Math.min(from + BLOCK, elements);
            if (to - from == BLOCK && same(base, bytes, from * width, width)) {
                changed[from / BLOCK] = 0;
            } else if (width == 2) {
                count = block16((int) magnitude, base, bytes, from, to, elements, count);
            } else {
                count = block(width, magnitude, base, bytes, from, to, elements, count);
            }
        }
        return count;
    }

    /** Whether the eight elements from that byte on are equal. */
    private static boolean same(byte[] base, byte[] bytes, int at, int width) {
        long differs = 0;
        for (int i = 0; i < width; i++) {
            int from = at + Long.BYTES * i;
            differs |= (long) Bits.LONG.get(base, from) ^ (long) Bits.LONG.get(bytes, from);
        }
        return differs == 0;
    }

    private int block16(int magnitude, byte[] base, byte[] bytes, int from, int to, int elements, int before) {
        byte[] out = planes;
        int count = before;
        int bits = 0;
        for (int i = from; i < to; i++) {
            int was = (short) Bits.SHORT.get(base, 2 * i);
            int is = (short) Bits.SHORT.get(bytes, 2 * i);
            int difference = (short) ((is ^ is >> 31 & magnitude) - (was ^ was >> 31 & magnitude));
            int folded = difference << 1 ^ difference >> 31;
            // Written in any case and kept if it is not 0: a branch would be guessed wrongly too often.
            out[count] = (byte) folded;
            out[elements + count] = (byte) (folded >>> 8);
            int differs = (folded | -folded) >>> 31;
            bits |= differs << i - from;
            count += differs;
        }
        changed[from / BLOCK] = (byte) bits;
        return count;
    }

    private int block(
            int width, long magnitude, byte[] base, byte[] bytes, int from, int to, int elements, int before) {
        int count = before;
        int bits = 0;
        for (int i = from; i < to; i++) {
            long was = Bits.ordered(Bits.get(base, width * i, width), magnitude);
            long is = Bits.ordered(Bits.get(bytes, width * i, width), magnitude);
            long folded = Bits.zigzag(Bits.wrap(is - was, width));
            for (int plane = 0; plane < width; plane++) {
                planes[plane * elements + count] = (byte) (folded >>> 8 * plane);
            }
            int differs = folded == 0 ? 0 : 1;
            bits |= differs << i - from;
            count += differs;
        }
        changed[from / BLOCK] = (byte) bits;
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
