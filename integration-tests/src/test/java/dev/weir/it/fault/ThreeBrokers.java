package dev.weir.it.fault;

import dev.weir.it.fixture.Broker;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;

/** Three brokers of one cluster, each a controller, too, as Kafka's own main class starts them. */
final class ThreeBrokers implements Cluster {
    private static final int BROKERS = 3;

    private final Path dir;
    private final UpProcess up;
    private final List<Ports> ports;
    private final List<Process> processes = new ArrayList<>();

    private ThreeBrokers(Path dir, UpProcess up, List<Ports> ports) {
        this.dir = dir;
        this.up = up;
        this.ports = ports;
    }

    /** The registry is that of a {@code weir up}, whose own broker has nothing to do. */
    static ThreeBrokers start(Path dir) throws Exception {
        ThreeBrokers cluster = new ThreeBrokers(
                dir,
                UpProcess.start(dir.resolve("up"), Ports.free()).awaitReady(),
                List.of(Ports.free(), Ports.free(), Ports.free()));
        String clusterId = Uuid.randomUuid().toString();
        for (int i = 0; i < BROKERS; i++) {
            cluster.format(i, clusterId);
            cluster.processes.add(cluster.broker(i));
        }
        cluster.awaitInSync();
        return cluster;
    }

    @Override
    public String bootstrap() {
        return ports.stream().map(port -> "127.0.0.1:" + port.kafka()).collect(Collectors.joining(","));
    }

    @Override
    public String registry() {
        return up.registry();
    }

    @Override
    public int brokers() {
        return BROKERS;
    }

    @Override
    public long bounce(int broker, boolean hard) throws Exception {
        Process process = processes.get(broker);
        if (hard) {
            process.destroyForcibly();
        } else {
            process.destroy();
        }
        process.waitFor();
        long down = System.nanoTime();
        processes.set(broker, broker(broker));
        awaitInSync();
        return down;
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
        up.close();
    }

    private void format(int broker, String clusterId) throws Exception {
        Path data = dir.resolve("broker-" + broker);
        Properties properties = properties(broker, data);
        Files.createDirectories(data);
        try (OutputStream out = Files.newOutputStream(dir.resolve("broker-" + broker + ".properties"))) {
            properties.store(out, null);
        }
        try (PrintStream quiet = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(quiet)
                    .setNodeId(broker + 1)
                    .setClusterId(clusterId)
                    .addDirectory(data.toString())
                    .setMetadataLogDirectory(data.toString())
                    .setControllerListenerName("CONTROLLER")
                    .run();
        }
    }

    private Process broker(int broker) throws IOException {
        Path root = Path.of(System.getProperty("weir.root", ".."));
        Path log = dir.resolve("broker-" + broker + ".log");
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx384m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        root.resolve("cli/target/weir-cli.jar").toString(),
                        "kafka.Kafka",
                        dir.resolve("broker-" + broker + ".properties").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private Properties properties(int broker, Path data) {
        String voters = IntStream.range(0, BROKERS)
                .mapToObj(i -> (i + 1) + "@127.0.0.1:" + ports.get(i).http())
                .collect(Collectors.joining(","));
        Properties p = new Properties();
        p.putAll(Map.of(
                "node.id",
                Integer.toString(broker + 1),
                "process.roles",
                "broker,controller",
                "listeners",
                "PLAINTEXT://127.0.0.1:" + ports.get(broker).kafka() + ",CONTROLLER://127.0.0.1:"
                        + ports.get(broker).http(),
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "controller.listener.names",
                "CONTROLLER",
                "controller.quorum.voters",
                voters,
                "log.dirs",
                data.toString()));
        p.putAll(Map.of(
                "default.replication.factor", "3",
                "min.insync.replicas", "2",
                "offsets.topic.replication.factor", "3",
                "offsets.topic.num.partitions", "4",
                "transaction.state.log.replication.factor", "3",
                "transaction.state.log.min.isr", "2",
                "transaction.state.log.num.partitions", "4",
                "group.min.session.timeout.ms", "1000",
                "group.initial.rebalance.delay.ms", "0",
                "message.max.bytes", Integer.toString(4 << 20)));
        p.putAll(Map.of(
                "transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000",
                "auto.create.topics.enable", "false",
                "log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20),
                "num.network.threads", "2",
                "num.io.threads", "4"));
        return p;
    }

    private void awaitInSync() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            UpProcess.await(Duration.ofSeconds(120), () -> {
                try {
                    boolean all = Broker.get(admin.describeCluster().nodes()).size() == BROKERS;
                    for (TopicDescription topic : Broker.get(admin.describeTopics(
                                            Broker.get(admin.listTopics(new ListTopicsOptions().listInternal(true))
                                                    .names()))
                                    .allTopicNames())
                            .values()) {
                        all &= topic.partitions().stream()
                                .allMatch(partition -> partition.isr().size()
                                        == partition.replicas().size());
                    }
                    return all;
                } catch (Exception notYet) {
                    return false;
                }
            });
        }
    }
}
