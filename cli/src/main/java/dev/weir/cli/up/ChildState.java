package dev.weir.cli.up;

/** Where a child stands. */
sealed interface ChildState {

    record Starting(long pid) implements ChildState {}

    /** @param ready the line that it announced itself with */
    record Running(long pid, String ready) implements ChildState {}

    /** Between two processes. */
    record Restarting() implements ChildState {}

    record Stopped() implements ChildState {}

    /** @param why its last death, one too many */
    record Failed(String why) implements ChildState {}

    default String label() {
        return switch (this) {
            case Starting s -> "starting";
            case Running r -> "running";
            case Restarting r -> "restarting";
            case Stopped s -> "stopped";
            case Failed f -> "failed";
        };
    }
}
