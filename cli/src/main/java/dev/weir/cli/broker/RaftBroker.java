package dev.weir.cli.broker;

import dev.weir.cli.WeirException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** Broker and controller in one node. The only class that touches the broker's internals, which are no public API. */
final class RaftBroker implements Broker {

    private static final int NODE = 1;
    private static final String CONTROLLER_HOST = "127.0.0.1";
    private static final long UNREGISTER_TIMEOUT_MS = 30_000;

    private final KafkaRaftServer server;

    private RaftBroker(KafkaRaftServer server) {
        this.server = server;
    }

    static Broker start(BrokerSettings settings) {
        try {
            Files.createDirectories(settings.dir());
            formatOnce(settings.dir());
            if (wasKilled(settings.dir())) {
                unregister(settings);
            }
            return new RaftBroker(server(properties(settings, freePort())));
        } catch (Exception e) {
            throw new WeirException(
                    "broker " + settings.advertised() + ":" + settings.port(),
                    "did not start on " + settings.dir() + " (" + (e.getMessage() == null ? e : e.getMessage()) + ")",
                    "needed: a free port and a writable directory with Kafka's own data or nothing in it",
                    "see the log above",
                    e);
        }
    }

    @Override
    public void awaitEnd() {
        server.awaitShutdown();
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static KafkaRaftServer server(Map<String, Object> properties) {
        properties.replaceAll((name, value) -> value.toString());
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
        server.startup();
        return server;
    }

    /** The broker writes this file, which is part of its data's format, when it was stopped in peace. */
    private static boolean wasKilled(Path dir) {
        return Files.exists(dir.resolve("__cluster_metadata-0")) && !Files.exists(dir.resolve(".kafka_cleanshutdown"));
    }

    /**
     * Takes the killed broker out of the metadata, by a controller alone, before a broker starts. One that starts while
     * its dead predecessor still leads every partition in the metadata lets its transaction coordinator work at once:
     * end markers go to itself, which does not listen yet, and are dropped, as if the topics were gone, when the
     * predecessor is fenced a session later ({@code KRaftMetadataCache.getPartitionLeaderEndpoint} of Kafka 4.1 to 4.3
     * has no answer for a partition without a leader). The transaction then stays open in the partition for ever, or is
     * ended by the next one of its producer.
     */
    private static void unregister(BrokerSettings settings) throws Exception {
        int port = freePort();
        Map<String, Object> properties = controller(settings, port);
        properties.put("process.roles", "controller");
        properties.put("listeners", "CONTROLLER://" + CONTROLLER_HOST + ":" + port);
        KafkaRaftServer controller = server(properties);
        try (Admin admin = Admin.create(Map.of("bootstrap.controllers", CONTROLLER_HOST + ":" + port))) {
            admin.unregisterBroker(NODE).all().get(UNREGISTER_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof BrokerIdNotRegisteredException)) {
                throw e;
            }
        } finally {
            controller.shutdown();
            controller.awaitShutdown();
        }
    }

    /** The cluster id is made here, once: a second format under another id would be refused by the data. */
    private static void formatOnce(Path dir) throws Exception {
        if (Files.exists(dir.resolve("meta.properties"))) {
            return;
        }
        try (PrintStream quiet = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(quiet)
                    .setNodeId(NODE)
                    .setClusterId(Uuid.randomUuid().toString())
                    .addDirectory(dir.toString())
                    .setMetadataLogDirectory(dir.toString())
                    .setControllerListenerName("CONTROLLER")
                    .setIgnoreFormatted(true)
                    .run();
        }
    }

    private static Map<String, Object> properties(BrokerSettings settings, int controllerPort) {
        Map<String, Object> p = controller(settings, controllerPort);
        p.put("process.roles", "broker,controller");
        p.put(
                "listeners",
                "PLAINTEXT://" + settings.bind() + ":" + settings.port() + ",CONTROLLER://" + CONTROLLER_HOST + ":"
                        + controllerPort);
        p.put("advertised.listeners", "PLAINTEXT://" + settings.advertised() + ":" + settings.port());
        p.put("inter.broker.listener.name", "PLAINTEXT");
        p.put("auto.create.topics.enable", false);
        p.put("message.max.bytes", 4 << 20);
        p.putAll(internalTopics());
        p.putAll(oneNodeTimings());
        p.put("group.initial.rebalance.delay.ms", settings.joinWaitMs());
        return p;
    }

    private static Map<String, Object> controller(BrokerSettings settings, int port) {
        Map<String, Object> p = new HashMap<>();
        p.put("node.id", NODE);
        p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.put("controller.listener.names", "CONTROLLER");
        p.put("controller.quorum.voters", NODE + "@" + CONTROLLER_HOST + ":" + port);
        p.put("log.dirs", settings.dir().toString());
        return p;
    }

    private static Map<String, Object> internalTopics() {
        Map<String, Object> p = new HashMap<>();
        p.put("offsets.topic.replication.factor", 1);
        p.put("offsets.topic.num.partitions", 4);
        p.put("transaction.state.log.replication.factor", 1);
        p.put("transaction.state.log.min.isr", 1);
        p.put("transaction.state.log.num.partitions", 4);
        p.put("share.coordinator.state.topic.replication.factor", 1);
        p.put("share.coordinator.state.topic.min.isr", 1);
        p.put("share.coordinator.state.topic.num.partitions", 1);
        return p;
    }

    /** Offsets outlive a laptop's holiday. */
    private static Map<String, Object> oneNodeTimings() {
        Map<String, Object> p = new HashMap<>();
        // There is no other broker to lead in its stead: a busy or sleeping machine must not fence the only one.
        p.put("broker.session.timeout.ms", 60 * 60 * 1_000);
        p.put("broker.heartbeat.interval.ms", 1_000);
        p.put("group.min.session.timeout.ms", 1_000);
        p.put("offsets.retention.minutes", 365 * 24 * 60);
        p.put("transaction.max.timeout.ms", 15 * 60 * 1_000);
        p.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", 1_000);
        // The first record of a transaction waits for the markers of the one before, which take a millisecond or two;
        // one that has waited in vain is refused, and those behind it with it.
        p.put("add.partitions.to.txn.retry.backoff.ms", 2);
        p.put("add.partitions.to.txn.retry.backoff.max.ms", 1_000);
        // Records of a megabyte: the system grows its buffers beyond the default of 100 KiB.
        p.put("socket.send.buffer.bytes", -1);
        p.put("socket.receive.buffer.bytes", -1);
        p.put("num.network.threads", 2);
        p.put("num.io.threads", 4);
        p.put("background.threads", 2);
        p.put("log.cleaner.dedupe.buffer.size", 8L << 20);
        return p;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(CONTROLLER_HOST))) {
            return socket.getLocalPort();
        }
    }
}
