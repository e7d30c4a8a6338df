package dev.weir.topology.plan;

/** A plan that is refused: which object, what is wrong with it and what is allowed. */
public final class PlanException extends IllegalArgumentException {
    private final String object;

    PlanException(String object, String problem, String allowed) {
        super("plan: " + object + ": " + problem + "; allowed: " + allowed);
        this.object = object;
    }

    PlanException(String object, IllegalArgumentException cause) {
        super("plan: " + object + ": " + cause.getMessage(), cause);
        this.object = object;
    }

    /** The part of the plan that is refused. */
    public String object() {
        return object;
    }
}
