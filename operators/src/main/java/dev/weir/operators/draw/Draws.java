package dev.weir.operators.draw;

/**
 * Random numbers without state: each is a function of a key and a counter, so that a replay draws the same and chunks may
 * be drawn in any order.
 *
 * <p>Source: the finaliser of Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators (2014), in Stafford's
 * thirteenth variant; normals after Box and Muller, A Note on the Generation of Random Normal Deviates (1958).
 */
public final class Draws {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private Draws() {}

    /** A key that depends on all of these, in this order. */
    public static long key(long... parts) {
        long key = GOLDEN;
        for (long part : parts) {
            key = mix(key + GOLDEN * mix(part + GOLDEN));
        }
        return key;
    }

    /** A number for a name: the same for equal names on every machine. */
    public static long name(String name) {
        long hash = name.length();
        for (int i = 0; i < name.length(); i++) {
            hash = mix(hash * GOLDEN + name.charAt(i));
        }
        return hash;
    }

    /** Uniform in [0, 1), a multiple of 2^-53. */
    public static double uniform(long key, long counter) {
        return (mix(key + GOLDEN * (counter + 1)) >>> 11) * 0x1p-53;
    }

    /** Standard normal. */
    public static double normal(long key, long counter) {
        // 1 - u lies in (0, 1], so that the logarithm is finite.
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform(key, 2 * counter)));
        return radius * StrictMath.cos(2 * StrictMath.PI * uniform(key, 2 * counter + 1));
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
