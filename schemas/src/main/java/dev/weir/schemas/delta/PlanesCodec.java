package dev.weir.schemas.delta;

import dev.weir.schemas.tensor.Dtype;

/**
 * One bit an element that says whether it changed; then, of those that did, the lowest bytes of their folded
 * differences, the next higher ones, and so on. Bits and each plane go through zstd apart. Leaving the unchanged ones
 * out first spares zstd most of its work and lets its Huffman coder reach fractions of a bit an element.
 */
final class PlanesCodec implements Codec, AutoCloseable {
    private final Sections sections = new Sections();
    private final ChangeMarks marks = new ChangeMarks();
    private byte[] planes = new byte[0];

    @Override
    public void encode(Dtype dtype, byte[] base, byte[] bytes, int length, PayloadWriter out) {
        int elements = length / dtype.bytes();
        reserve(length);
        marks.mark(dtype.bytes(), base, bytes, elements);
        int count = marks.count(elements);
        if (dtype.bytes() == 2) {
            split16((int) Bits.magnitude(dtype), base, bytes, elements);
        } else {
            split(dtype, base, bytes, elements);
        }
        sections.write(marks.bits(), 0, (elements + 7) / 8, out);
        for (int plane = 0; plane < dtype.bytes(); plane++) {
            sections.write(planes, plane * elements, count, out);
        }
    }

    @Override
    public void decode(Dtype dtype, byte[] base, PayloadReader in, byte[] out, int length) {
        int elements = length / dtype.bytes();
        reserve(length);
        marks.reserve(elements);
        byte[] changed = marks.bits();
        sections.read(in, changed, 0, (elements + 7) / 8);
        if (elements % 8 != 0 && (changed[elements / 8] & 0xff) >>> elements % 8 != 0) {
            throw in.problem("elements beyond the chunk, which has " + elements + ", are marked as changed");
        }
        int count = marks.count(elements);
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

    private void reserve(int length) {
        if (planes.length < length) {
            planes = new byte[length];
        }
    }

    /** Fills the planes from the elements that are marked. */
    private void split16(int magnitude, byte[] base, byte[] bytes, int elements) {
        byte[] to = planes;
        int next = 0;
        byte[] changed = marks.bits();
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
        byte[] changed = marks.bits();
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

    private void apply16(int magnitude, byte[] base, byte[] out, int elements) {
        byte[] in = planes;
        int next = 0;
        byte[] changed = marks.bits();
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
        byte[] changed = marks.bits();
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
