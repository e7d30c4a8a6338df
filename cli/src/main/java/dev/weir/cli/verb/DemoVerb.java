package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.UsageException;
import dev.weir.cli.demo.Demo;
import dev.weir.cli.demo.DemoSettings;
import dev.weir.cli.option.CommonOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = {
            "Shows what averaging and the gate are for, on real training of a small model: a broker, a registry and the",
            "applications are started, release 1 goes into service, and two trainers train release 2."
        },
        footer = {"", "Example:", "  weir demo --headless --checkpoints 40 --seed 11 --report report.json"})
final class DemoVerb implements Callable<Integer> {
    private static final int DEFAULT_CHECKPOINTS = 40;

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Option(
            names = "--checkpoints",
            paramLabel = "N",
            description = "Checkpoints of both trainers together (default: 40).")
    private @Nullable Integer checkpoints;

    @Option(names = "--seconds", paramLabel = "S", description = "Stop after so long instead.")
    private @Nullable Integer seconds;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "11",
            description = "Everything but times follows from it (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--headless", description = "Print a line a version instead of a live screen.")
    private boolean headless;

    @Option(names = "--out", paramLabel = "DIR", description = "Keep the pulled versions there, as CHANNEL/current.")
    private @Nullable Path out;

    @Option(names = "--report", paramLabel = "FILE", description = "Write every version and the topics' sizes as JSON.")
    private @Nullable Path report;

    @Option(
            names = "--switch-steps",
            paramLabel = "N",
            description = "Switch EMA: trainers go on from ema-0.9 after every N of their steps.")
    private @Nullable Integer switchSteps;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (checkpoints != null && checkpoints < 1) {
            throw new UsageException("--checkpoints", "is " + checkpoints, "allowed: 1 or more", "");
        }
        if (seconds != null && seconds < 1) {
            throw new UsageException("--seconds", "is " + seconds, "allowed: 1 or more", "");
        }
        if (switchSteps != null && switchSteps < 1) {
            throw new UsageException("--switch-steps", "is " + switchSteps, "allowed: 1 or more", "");
        }
        int planned = checkpoints != null ? checkpoints : seconds != null ? 0 : DEFAULT_CHECKPOINTS;
        boolean live = !headless && System.console() != null && System.console().isTerminal();
        PrintWriter screen = Objects.requireNonNull(spec).commandLine().getOut();
        DemoSettings settings = new DemoSettings(
                seed,
                planned,
                seconds == null ? null : Duration.ofSeconds(seconds),
                live,
                out,
                report,
                switchSteps == null ? 0 : switchSteps);
        new Demo(settings, screen).run();
        return ExitCode.DONE;
    }
}
