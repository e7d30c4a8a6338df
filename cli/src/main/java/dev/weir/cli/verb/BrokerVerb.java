package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.broker.Broker;
import dev.weir.cli.broker.BrokerSettings;
import dev.weir.cli.option.CommonOptions;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "broker",
        hidden = true,
        description = "Runs one Kafka broker in this process; a part of weir up.",
        footer = {"", "Example:", "  weir broker --port 9092 --dir /tmp/kafka"})
final class BrokerVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Option(names = "--bind", defaultValue = "127.0.0.1", description = "The address to listen on.")
    private String bind = "";

    @Option(names = "--advertised", defaultValue = "127.0.0.1", description = "The address that clients are told.")
    private String advertised = "";

    @Option(names = "--port", required = true, description = "The port of clients.")
    private int port;

    @Option(names = "--dir", required = true, description = "Where it stores.")
    private Path dir = Path.of("");

    @Option(
            names = "--join-wait-ms",
            defaultValue = "0",
            description = "How long a new group waits for further members before its first assignment.")
    private int joinWaitMs;

    @Override
    public Integer call() {
        Broker broker = Broker.start(new BrokerSettings(bind, advertised, port, dir.toAbsolutePath(), joinWaitMs));
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("broker-stop").unstarted(broker::close));
        System.out.println("ready bootstrap=" + advertised + ":" + port);
        broker.awaitEnd();
        return ExitCode.DONE;
    }
}
