package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
import dev.weir.cli.bench.Bench;
import dev.weir.cli.bench.BenchReport;
import dev.weir.cli.bench.BenchSettings;
import dev.weir.cli.bench.Goal;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Locale;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "bench",
        description = {
            "Measures Weir against a limit or a peer, both in the same run, and says whether the goals are met. Without a",
            "name it lists the benchmarks. The exit code is 0 whether goals are met or not."
        },
        footer = {"", "Example:", "  weir bench latency --quick --json"})
final class BenchVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--quick", description = "End within a minute instead of ten; the figures are rougher.")
    private boolean quick;

    @Option(names = "--input", paramLabel = "FILE", description = "Real data to measure on, for those that take some.")
    private @Nullable Path input;

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "Which benchmark.")
    private @Nullable String name;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        SortedMap<String, Bench> all = new TreeMap<>();
        ServiceLoader.load(Bench.class).forEach(bench -> all.put(bench.name(), bench));
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (name == null) {
            list(all, out);
            return ExitCode.DONE;
        }
        @Nullable Bench bench = all.get(name);
        if (bench == null) {
            throw new UsageException("bench " + name, "is unknown", "allowed: " + all.keySet(), "see weir bench");
        }
        ObjectNode run = Json.object()
                .put("quick", quick)
                .put("began", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                .put("processors", Runtime.getRuntime().availableProcessors())
                .put("loadAverage", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage())
                .put("java", Runtime.version().toString());
        long beganNanos = System.nanoTime();
        BenchReport report = measured(bench);
        report.parts().set("run", run.put("seconds", Math.round((System.nanoTime() - beganNanos) / 1e8) / 10.0));
        if (json.json()) {
            out.println(Json.pretty(report.json(bench.name())));
        } else {
            print(report, out);
        }
        out.flush();
        return ExitCode.DONE;
    }

    private BenchReport measured(Bench bench) throws Exception {
        Path scratch = Files.createTempDirectory("weir-bench-");
        PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
        try {
            return bench.run(new BenchSettings(quick, input, scratch, line -> {
                err.println("weir: bench " + bench.name() + ": " + line);
                err.flush();
            }));
        } finally {
            delete(scratch);
        }
    }

    private void list(SortedMap<String, Bench> all, PrintWriter out) {
        if (json.json()) {
            ObjectNode root = Json.object();
            all.forEach((word, bench) -> root.put(word, bench.about()));
            out.println(Json.pretty(root));
        } else {
            all.forEach((word, bench) -> out.printf(Locale.ROOT, "%-14s %s%n", word, bench.about()));
        }
        out.flush();
    }

    private static void print(BenchReport report, PrintWriter out) {
        for (Goal goal : report.goals()) {
            out.printf(
                    Locale.ROOT,
                    "%-40s %8.3f  %s %.3f  %s%n",
                    goal.name(),
                    goal.ratio(),
                    goal.atMost() ? "at most" : "at least",
                    goal.bound(),
                    goal.met() ? "met" : "MISSED");
        }
        out.println(Json.pretty(report.parts()));
    }

    private static void delete(Path scratch) throws IOException {
        try (Stream<Path> paths = Files.walk(scratch)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
