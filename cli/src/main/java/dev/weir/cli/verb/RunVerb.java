package dev.weir.cli.verb;

import dev.weir.cli.Causes;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Remedy;
import dev.weir.cli.WeirException;
import dev.weir.cli.baseline.BaselinePublisher;
import dev.weir.cli.option.CommonOptions;
import dev.weir.clients.ClientException;
import dev.weir.schemas.wire.RegistryException;
import dev.weir.schemas.wire.Urls;
import dev.weir.topology.Application;
import dev.weir.topology.config.ConfigException;
import dev.weir.topology.config.RunConfig;
import dev.weir.topology.config.RunConfigFile;
import dev.weir.topology.status.StatusServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.KafkaException;
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
            "WEIR_* variables, such as WEIR_BOOTSTRAP. Warnings go to stderr; WEIR_JVM_OPTIONS=-Dweir.log=info",
            "(off, error, warn, info, debug) says how much of the logs does."
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
        AtomicReference<@Nullable Application> started = new AtomicReference<>();
        try (StatusServer server = serve(run, started)) {
            Application application = start(run);
            started.set(application);
            Runtime.getRuntime().addShutdownHook(new Thread(application::close, "weir-shutdown"));
            CompletableFuture.anyOf(application.awaitRunning(), application.failure())
                    .handle((done, failure) -> failure)
                    .join();
            if (!application.failure().isDone()) {
                out.println("ready http=" + server.url());
                out.flush();
            }
            Throwable failure = application.failure().join();
            throw new WeirException(
                    run.role().name().toLowerCase(Locale.ROOT) + " of model " + run.model(),
                    Causes.reason(failure),
                    "",
                    Remedy.of(failure, run.model()),
                    failure);
        }
    }

    /** Listens before it joins its group: who cannot have the port must not take partitions from others first. */
    private StatusServer serve(RunConfig run, AtomicReference<@Nullable Application> started) {
        Map<String, Object> starting =
                Map.of("role", run.role().name().toLowerCase(Locale.ROOT), "model", run.model(), "state", "starting");
        try {
            return StatusServer.start(
                    run.httpHost(),
                    run.httpPort(),
                    () -> {
                        Application application = started.get();
                        return application != null && application.healthy();
                    },
                    () -> {
                        Application application = started.get();
                        return application != null && application.ready();
                    },
                    () -> {
                        Application application = started.get();
                        return application == null ? starting : application.status();
                    });
        } catch (IOException taken) {
            throw new WeirException(
                    "http-port " + run.httpPort(),
                    "cannot be opened on http-host " + run.httpHost() + " (" + Causes.reason(taken) + ")",
                    "needed: an address of this machine and a port that no other process holds; 0: any free one",
                    "stop that process, or give another http-port",
                    taken);
        }
    }

    private Application start(RunConfig run) {
        try {
            return Application.start(run, BaselinePublisher.of(run));
        } catch (RegistryException failed) {
            throw new WeirException(
                    "registry " + Urls.masked(run.registry()),
                    Causes.reason(failed),
                    "",
                    "key `registry` of " + config + " names it",
                    failed);
        } catch (KafkaException failed) {
            throw ClientException.ofKafka("model " + run.model(), run.bootstrap(), failed);
        } catch (IllegalStateException refused) {
            throw new WeirException("model " + run.model(), Causes.reason(refused), "", "", refused);
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
}
