package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.up.Up;
import dev.weir.cli.up.UpSettings;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "up",
        description = {
            "Starts a broker, a schema registry and, for every model with a plan, its applications.",
            "Prints one line `ready bootstrap=HOST:PORT registry=URL http=URL` when all of it answers.",
            "SIGTERM or Ctrl-C stops everything."
        },
        footer = {"", "Example:", "  weir up --data /tmp/weir --kafka-port 19092"})
final class UpVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            defaultValue = "9092",
            description = "The broker's port (default: ${DEFAULT-VALUE}).")
    private int kafkaPort;

    @Option(
            names = "--registry-port",
            paramLabel = "PORT",
            defaultValue = "8081",
            description = "The registry's port (default: ${DEFAULT-VALUE}).")
    private int registryPort;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "The port of health and status (default: ${DEFAULT-VALUE}).")
    private int httpPort;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = ".weir-data",
            description = "What survives a restart (default: ./${DEFAULT-VALUE}).")
    private Path data = Path.of("");

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "The address to listen on (default: ${DEFAULT-VALUE}); any other is open to the network.")
    private String bind = "";

    @Override
    public Integer call() throws InterruptedException {
        new Up(new UpSettings(bind, kafkaPort, registryPort, httpPort, data), System.out, System.err).run();
        return ExitCode.DONE;
    }
}
