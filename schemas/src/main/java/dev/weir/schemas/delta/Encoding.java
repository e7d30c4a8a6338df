package dev.weir.schemas.delta;

import java.util.Arrays;

/** How the payload of a chunk is encoded; {@link #number()} is what travels. */
public enum Encoding {
    /** The plain little-endian bytes; needs no base. */
    FULL(0),
    /** Equal to the base; the payload is empty. */
    UNCHANGED(1),
    /** Positions and new values of the elements that changed. */
    SPARSE(2),
    /** Which elements changed, and the bytes of their differences plane by plane, each through zstd. */
    PLANES(3),
    /** Differences, entropy-coded given the exponent of the old value; for bf16, f16 and f32. */
    ENTROPY(4);

    private final int number;

    Encoding(int number) {
        this.number = number;
    }

    /** What stands in the {@code encoding} field of a chunk. */
    public int number() {
        return number;
    }

    /** Lower-case name, as reports show it. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /**
     * The encoding of that number.
     *
     * @throws BadDeltaException if there is none
     */
    public static Encoding of(int number) {
        for (Encoding encoding : values()) {
            if (encoding.number == number) {
                return encoding;
            }
        }
        throw new BadDeltaException("encoding " + number + " is unknown; allowed: " + Arrays.toString(values())
                + ", numbered from 0; read it with a newer Weir");
    }
}
