package dev.weir.schemas.delta;

import org.jspecify.annotations.Nullable;

/** A payload is no valid encoding of its chunk. The bytes are to blame: decoding again gives the same answer. */
public final class BadDeltaException extends RuntimeException {

    /** A failure that says what is wrong, at which byte, and what is allowed. */
    public BadDeltaException(String message) {
        super(message);
    }

    BadDeltaException(@Nullable String message, Throwable cause) {
        super(message, cause);
    }
}
