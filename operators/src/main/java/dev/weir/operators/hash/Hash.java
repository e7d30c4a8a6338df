package dev.weir.operators.hash;

/** Bits that look random and follow from their input, on every machine. */
public final class Hash {

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Hash() {}

    /** Source: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators (2014), the mixing function. */
    public static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /** Of a text: FNV-1a over its UTF-16 units (Fowler, Noll and Vo), mixed. */
    public static long of(String text) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return mix(hash);
    }

    /** A number of [0, 1), from the upper 53 bits. */
    public static double uniform(long bits) {
        return (bits >>> 11) * 0x1p-53;
    }
}
