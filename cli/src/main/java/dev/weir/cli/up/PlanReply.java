package dev.weir.cli.up;

/** What became of a plan. */
sealed interface PlanReply {

    /** @param started whether the applications had to be started */
    record Applied(String model, boolean started) implements PlanReply {}

    /** The request is wrong. */
    record Refused(String reason) implements PlanReply {}

    record Failed(String reason) implements PlanReply {}
}
