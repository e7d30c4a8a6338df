package dev.weir.cli.bench;

/**
 * A ratio that is to be reached.
 *
 * @param name which comparison
 * @param ratio what was measured
 * @param bound what is wanted
 * @param atMost whether less is better
 */
public record Goal(String name, double ratio, double bound, boolean atMost) {

    public static Goal atLeast(String name, double ratio, double bound) {
        return new Goal(name, ratio, bound, false);
    }

    public static Goal atMost(String name, double ratio, double bound) {
        return new Goal(name, ratio, bound, true);
    }

    public boolean met() {
        return atMost ? ratio <= bound : ratio >= bound;
    }

    /** How far beyond the goal: below 1 where it is missed. */
    double margin() {
        return atMost ? bound / ratio : ratio / bound;
    }
}
