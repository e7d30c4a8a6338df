package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.Weir;
import dev.weir.cli.WeirException;
import dev.weir.cli.broker.Broker;
import dev.weir.cli.broker.BrokerSettings;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.HttpJson;
import dev.weir.cli.up.RegistryTraining;
import dev.weir.cli.up.UpSettings;
import dev.weir.clients.Connection;
import dev.weir.clients.plan.PlanClient;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.topic.TopicAdmin;
import dev.weir.schemas.topic.Topics;
import dev.weir.topology.Application;
import dev.weir.topology.config.RunConfigFile;
import dev.weir.topology.plan.PlanFormat;
import dev.weir.topology.status.StatusServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * Loads what verbs, broker and applications load, so that the launcher can keep it in an ahead-of-time cache: prints every
 * help, then takes one small checkpoint of a model through all of them, in this process. The registry beside it makes a cache of its
 * own.
 */
@Command(
        name = "train",
        hidden = true,
        description = "Touches the classes that verbs and applications need; a part of the build.",
        footer = {"", "Example:", "  weir train cli/target/launch"})
final class TrainVerb implements Callable<Integer> {
    private static final String MODEL = "train";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Layout LAYOUT = Layout.of(List.of(new TensorSpec("weights", Dtype.F32, List.of(4L))));

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Parameters(paramLabel = "DIR", description = "Where the registry's cache goes.")
    private Path folder = Path.of("");

    @Override
    @SuppressWarnings("try")
    public Integer call() throws Exception {
        CommandLine weir = Weir.commandLine("--help");
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        weir.usage(nowhere);
        weir.printVersionHelp(nowhere);
        for (CommandLine verb : weir.getSubcommands().values()) {
            verb.usage(nowhere);
        }
        Path dir = Files.createTempDirectory("weir-train");
        UpSettings settings = new UpSettings("127.0.0.1", freePort(), freePort(), freePort(), dir.resolve("up"));
        try (RegistryTraining registry = RegistryTraining.start(folder, settings);
                Broker broker = Broker.start(
                        new BrokerSettings("127.0.0.1", "127.0.0.1", settings.kafkaPort(), dir.resolve("kafka"), 0))) {
            throughAllOfIt("127.0.0.1:" + settings.kafkaPort(), registry.url(), dir);
        } finally {
            delete(dir);
        }
        try {
            HttpJson.get(client, "/status");
        } catch (WeirException e) {
            // Nobody has to be there.
        }
        return ExitCode.DONE;
    }

    @SuppressWarnings("try")
    private static void throughAllOfIt(String bootstrap, String registry, Path dir) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            new TopicAdmin(admin).create(new Topics(MODEL).catalogue(1), (short) 1);
        }
        List<Application> applications = new ArrayList<>();
        for (String role : List.of("merge", "coordinate", "compatibility")) {
            String config = "{model: %s, role: %s, bootstrap: '%s', registry: '%s', http-port: 0, data: '%s'}"
                    .formatted(MODEL, role, bootstrap, registry, dir.resolve(role));
            applications.add(
                    Application.start(RunConfigFile.parse(config, Map.of()), (number, channel, version) -> {}));
        }
        Connection connection = new Connection(bootstrap, registry);
        try (StatusServer status = StatusServer.start(
                        "127.0.0.1",
                        0,
                        applications.get(0)::healthy,
                        applications.get(0)::ready,
                        applications.get(0)::status);
                PlanClient plans = PlanClient.open(connection, MODEL);
                Subscriber subscriber = Subscriber.open(connection, MODEL)) {
            for (Application application : applications) {
                application.awaitRunning().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            String plan = "{model: " + MODEL + ", channels: [{name: average, operator: ema}]}";
            plans.propose(PlanFormat.toJson(PlanFormat.parse(plan)), PATIENCE);
            try (Publisher publisher = Publisher.open(connection, MODEL, "run", LAYOUT, PATIENCE)) {
                publisher.publish(1, chunk -> ByteBuffer.allocate(chunk.byteSize()));
            }
            Path out = dir.resolve("out");
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            subscriber.each(
                    "average",
                    manifest -> subscriber.pull(manifest, out),
                    () -> Files.exists(out.resolve("current")) || System.nanoTime() > deadline);
            applications.get(0).status();
        } finally {
            applications.forEach(Application::close);
        }
    }

    private static void delete(Path dir) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
