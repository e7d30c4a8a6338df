package dev.weir.schemas.wire;

import org.jspecify.annotations.Nullable;

/** The schema registry did not answer, or refused. No record is to blame for it. */
public final class RegistryException extends RuntimeException {
    private final boolean retriable;

    private RegistryException(String message, @Nullable Throwable cause, boolean retriable) {
        super(message, cause);
        this.retriable = retriable;
    }

    static RegistryException unavailable(String message, @Nullable Throwable cause) {
        return new RegistryException(message, cause, true);
    }

    static RegistryException refused(String message, @Nullable Throwable cause) {
        return new RegistryException(message, cause, false);
    }

    /**
     * Whether the same call may succeed later without anybody changing anything.
     *
     * @return true for a registry that is unreachable or failing, false for one that refuses
     */
    public boolean retriable() {
        return retriable;
    }
}
