package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.fixture.Broker;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/** The broker of {@code up}, killed with -9 among open and ending transactions: each ends everywhere, or nowhere. */
final class BrokerKillIT {

    private static final String TOPIC = "t";
    private static final int PARTITIONS = 8;
    private static final int PRODUCERS = 12;
    private static final int TRANSACTION_TIMEOUT_MS = 2_000;

    @TempDir
    private Path dir;

    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean killed = new AtomicBoolean();

    @RepeatedTest(2)
    void aKilledBrokerLeavesNoTransactionHangingAndNoneInParts() throws Exception {
        int port = Ports.free().kafka();
        List<Thread> writers = new ArrayList<>();
        Process broker = start(port);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port))) {
            Broker.get(admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all());
            for (int i = 0; i < PRODUCERS; i++) {
                int id = i;
                writers.add(Thread.ofVirtual().start(() -> write(port, id)));
            }
            UpProcess.await(Duration.ofSeconds(60), () -> acknowledged.size() >= 10 * PRODUCERS / 2);
            broker.destroyForcibly().waitFor();
            broker = start(port);
            killed.set(true);
            for (int i = 0; i < PRODUCERS; i += 2) {
                assertThat(writers.get(i).join(Duration.ofSeconds(60))).isTrue();
            }
            UpProcess.await(Duration.ofSeconds(60), () -> open(admin).isEmpty());
            Map<String, Integer> visible = visible(port);
            assertThat(visible.keySet()).containsAll(acknowledged).noneMatch(name -> name.endsWith("never ended"));
            assertThat(visible.values()).containsOnly(PARTITIONS);
        } finally {
            for (Thread writer : writers) {
                writer.interrupt();
                writer.join();
            }
            broker.destroyForcibly().waitFor();
        }
    }

    private Process start(int port) throws Exception {
        Path out = Files.createTempFile(dir, "broker", ".out");
        Path err = Files.createTempFile(dir, "broker", ".err");
        Process process = Cli.start(
                List.of(
                        "broker",
                        "--port",
                        Integer.toString(port),
                        "--dir",
                        dir.resolve("kafka").toString()),
                out,
                err);
        UpProcess.await(Duration.ofSeconds(60), () -> {
            try {
                return Files.readString(out).contains("ready ");
            } catch (java.io.IOException e) {
                throw new AssertionError(e);
            }
        });
        return process;
    }

    /** Even ids end transaction after transaction until the broker dies; odd ones leave their first open. */
    private void write(int port, int id) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                "127.0.0.1:" + port,
                "transactional.id",
                "writer-" + id,
                "transaction.timeout.ms",
                TRANSACTION_TIMEOUT_MS,
                "max.block.ms",
                5_000,
                "request.timeout.ms",
                5_000,
                "delivery.timeout.ms",
                10_000);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            for (int n = 0; !killed.get(); n++) {
                boolean ends = id % 2 == 0;
                String name = id + "/" + n + (ends ? "" : " never ended");
                producer.beginTransaction();
                for (int p = 0; p < PARTITIONS; p++) {
                    producer.send(new ProducerRecord<>(TOPIC, p, null, name));
                }
                producer.flush();
                if (!ends) {
                    Thread.sleep(Duration.ofMinutes(5));
                }
                producer.commitTransaction();
                acknowledged.add(name);
            }
        } catch (KafkaException | InterruptedException brokerDied) {
            // What was acknowledged before is what counts.
        }
    }

    /** Partitions that a read_committed reader can not read to their end. */
    private static Set<TopicPartition> open(Admin admin) {
        try {
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            IntStream.range(0, PARTITIONS).forEach(p -> ends.put(new TopicPartition(TOPIC, p), OffsetSpec.latest()));
            Map<TopicPartition, ListOffsetsResultInfo> all =
                    Broker.get(admin.listOffsets(ends, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                            .all());
            Map<TopicPartition, ListOffsetsResultInfo> stable =
                    Broker.get(admin.listOffsets(ends, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                            .all());
            Set<TopicPartition> open = new HashSet<>(ends.keySet());
            open.removeIf(tp -> stable.get(tp).offset() >= all.get(tp).offset());
            return open;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** How many records of each transaction a read_committed reader sees. */
    private static Map<String, Integer> visible(int port) {
        Map<String, Integer> visible = new HashMap<>();
        Map<String, Object> settings =
                Map.of("bootstrap.servers", "127.0.0.1:" + port, "isolation.level", "read_committed");
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
                    .mapToObj(p -> new TopicPartition(TOPIC, p))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(tp -> consumer.position(tp) < ends.get(tp))) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record -> visible.merge(record.value(), 1, Integer::sum));
            }
        }
        return visible;
    }
}
