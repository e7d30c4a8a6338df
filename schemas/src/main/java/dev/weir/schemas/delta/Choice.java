package dev.weir.schemas.delta;

import java.util.Locale;

/** Which encodings a chunk may have. Whatever is asked for, one that would not be smaller travels full. */
public enum Choice {
    /** The smallest that the type of the elements allows. */
    AUTO,
    /** The plain bytes. */
    FULL,
    /** Cheap to encode and to decode. */
    FAST,
    /** As {@link #AUTO}, but never byte planes where the entropy coder can be had. */
    ENTROPY;

    /** Lower-case name, as the command spells it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
