package dev.weir.schemas.topic;

/** What becomes of a topic's old records. */
public enum Cleanup {
    /** The newest record of every key stays. */
    COMPACT("compact"),
    /** Records go when they are older than the retention. */
    DELETE("delete");

    private final String policy;

    Cleanup(String policy) {
        this.policy = policy;
    }

    /**
     * The value of {@code cleanup.policy}.
     *
     * @return as Kafka spells it
     */
    public String policy() {
        return policy;
    }
}
