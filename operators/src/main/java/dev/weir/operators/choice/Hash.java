package dev.weir.operators.choice;

/** Bits that look random and follow from their input. */
final class Hash {

    private Hash() {}

    /** Source: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators (2014), the mixing function. */
    static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
