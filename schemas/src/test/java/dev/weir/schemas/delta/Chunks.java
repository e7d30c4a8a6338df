package dev.weir.schemas.delta;

import dev.weir.schemas.tensor.Dtype;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** Chunks as tests need them: an old one and a new one. */
record Chunks(String what, Dtype dtype, byte[] old, byte[] now) {

    /** How a new chunk differs from its old one. */
    enum Change {
        NONE,
        ONE,
        FEW,
        SOME,
        MOST,
        ALL,
        NOISE,
        CONSTANT
    }

    /** A random chunk: weights around 0 in which some moved by small steps, or anything at all. */
    static Chunks random(Dtype dtype, Change change, int elements, SplittableRandom random) {
        int width = dtype.bytes();
        byte[] old = new byte[elements * width];
        byte[] now = new byte[elements * width];
        long magnitude = Bits.magnitude(dtype);
        for (int i = 0; i < elements; i++) {
            long was = change == Change.CONSTANT ? 1 : weight(dtype, random);
            long moved = Bits.ordered(Bits.wrap(Bits.ordered(was, magnitude) + step(random), width), magnitude);
            long is = switch (change) {
                case NONE -> was;
                case ONE -> i == elements / 2 ? moved : was;
                case FEW -> random.nextInt(200) == 0 ? moved : was;
                case SOME -> random.nextInt(6) == 0 ? moved : was;
                case MOST -> random.nextInt(6) == 0 ? was : moved;
                case ALL -> moved;
                case NOISE -> random.nextLong();
                case CONSTANT -> 2;
            };
            Bits.put(old, i * width, width, was);
            Bits.put(now, i * width, width, is);
        }
        return new Chunks(dtype + " " + change + " " + elements, dtype, old, now);
    }

    /** A normal number where the type has them, one in fifty any bits, infinities, not-a-numbers and -0 among them. */
    private static long weight(Dtype dtype, SplittableRandom random) {
        if (!dtype.isFloat() || random.nextInt(50) == 0) {
            return random.nextInt(3) == 0 ? special(dtype, random) : Bits.wrap(random.nextLong(), dtype.bytes());
        }
        double value = (random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5) * 0.1;
        return switch (dtype) {
            case F64 -> Double.doubleToRawLongBits(value);
            case F32 -> Float.floatToRawIntBits((float) value);
            default -> Bits.wrap(Float.floatToRawIntBits((float) value) >> 32 - 8 * dtype.bytes(), dtype.bytes());
        };
    }

    private static long special(Dtype dtype, SplittableRandom random) {
        long sign = 1L << 8 * dtype.bytes() - 1;
        long ones = -1L >>> 64 - 8 * dtype.bytes();
        long[] all = {0, sign, ones, sign - 1, sign ^ ones ^ 1, 1, sign | 1, 0x7f80, 0xff80, 0x7f800000L, 0x7fc00001L};
        return Bits.wrap(all[random.nextInt(all.length)], dtype.bytes());
    }

    private static long step(SplittableRandom random) {
        long size = 1L << random.nextInt(random.nextInt(8) == 0 ? 20 : 3);
        return random.nextBoolean() ? size : -size;
    }

    ByteBuffer oldBytes() {
        return ByteBuffer.wrap(old);
    }

    ByteBuffer newBytes() {
        return ByteBuffer.wrap(now);
    }

    @Override
    public String toString() {
        return what;
    }
}
