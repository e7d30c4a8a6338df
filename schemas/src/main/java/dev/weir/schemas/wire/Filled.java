package dev.weir.schemas.wire;

import dev.weir.schemas.record.Sha256;
import org.jspecify.annotations.Nullable;

/** Checks of what a program asks to have written. */
final class Filled {
    static final int SHA256_BYTES = 32;

    private Filled() {}

    static <T> T field(String record, String field, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException(record + ": " + field + " is null; next: fill every field");
        }
        return value;
    }

    static byte[] digest(String record, String field, @Nullable Sha256 value) {
        byte[] bytes = field(record, field, field(record, field, value).bytes());
        if (bytes.length != SHA256_BYTES) {
            throw new IllegalArgumentException(record + ": " + field + " has " + bytes.length + " bytes; allowed: "
                    + SHA256_BYTES + "; next: use a SHA-256 digest");
        }
        return bytes;
    }
}
