package dev.weir.topology.coordinate;

/** The run under which a baseline's weights go through the log; no trainer's run can have this name. */
public final class BaselineRun {
    public static final String NAME = "@baseline";

    private BaselineRun() {}
}
