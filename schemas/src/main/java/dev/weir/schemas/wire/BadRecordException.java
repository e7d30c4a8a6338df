package dev.weir.schemas.wire;

/**
 * Bytes that are no usable record. The bytes are to blame: reading them again gives the same answer, so the record is
 * set aside and counted under {@link #reason()}.
 */
public final class BadRecordException extends RuntimeException {
    static final String NOT_AVRO = "not-avro";
    static final String UNKNOWN_SCHEMA = "unknown-schema";
    static final String NEWER_FORMAT = "newer-format";
    static final String TRUNCATED = "truncated";
    static final String TRAILING_BYTES = "trailing-bytes";
    static final String FOREIGN_RECORD = "foreign-record";

    private final String reason;

    BadRecordException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    /**
     * The word by which the record is counted.
     *
     * @return one of {@code not-avro}, {@code unknown-schema}, {@code newer-format}, {@code truncated},
     *     {@code trailing-bytes}, {@code foreign-record}
     */
    public String reason() {
        return reason;
    }
}
