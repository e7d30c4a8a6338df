package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.WeirException;
import dev.weir.cli.baseline.BaselinePublisher;
import dev.weir.cli.option.CommonOptions;
import dev.weir.topology.Application;
import dev.weir.topology.config.ConfigException;
import dev.weir.topology.config.RunConfig;
import dev.weir.topology.config.RunConfigFile;
import dev.weir.topology.status.StatusServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "run",
        description = {
            "Runs one application of a model (merge, coordinate or compatibility) against a Kafka and a registry of your own.",
            "Prints one line `ready http=URL` when it processes records. Keys of the file may be overridden by",
            "WEIR_* variables, such as WEIR_BOOTSTRAP."
        },
        footer = {"", "Example:", "  weir run --config merge.yaml"})
final class RunVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "What to run, as YAML.")
    private Path config = Path.of("");

    @Option(names = "--print-config", description = "Print every key with the value in force, and exit.")
    private boolean printConfig;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        RunConfig run = read();
        if (printConfig) {
            out.print(RunConfigFile.print(run));
            out.flush();
            return ExitCode.DONE;
        }
        BaselinePublisher pinner = BaselinePublisher.of(run);
        Application application = Application.start(run, pinner);
        Runtime.getRuntime().addShutdownHook(new Thread(application::close, "weir-shutdown"));
        try (StatusServer server = StatusServer.start(
                run.httpHost(), run.httpPort(), application::healthy, application::ready, application::status)) {
            CompletableFuture.anyOf(application.awaitRunning(), application.failure())
                    .handle((done, failure) -> failure)
                    .join();
            if (!application.failure().isDone()) {
                out.println("ready http=" + server.url());
                out.flush();
            }
            Throwable failure = application.failure().join();
            throw new WeirException(
                    run.role().name().toLowerCase(java.util.Locale.ROOT) + " of model " + run.model(),
                    reason(failure),
                    "",
                    "",
                    failure);
        }
    }

    private RunConfig read() {
        try {
            return RunConfigFile.parse(Files.readString(config), System.getenv());
        } catch (IOException unreadable) {
            throw new WeirException(
                    "--config " + config, "cannot be read", "allowed: a YAML file", "check the path", unreadable);
        } catch (ConfigException refused) {
            throw new WeirException("--config " + config, String.valueOf(refused.getMessage()), "", "", refused);
        }
    }

    /** The message of the innermost cause, which says what; those around it only say where. */
    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }
}
