package dev.weir.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.fixture.Broker;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.RawTrainer;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Staging;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Transactions that a dead process has left open and whose end nobody seems to miss: they do not last until they time out. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LeftOpenIT {

    private static final Map<String, String> ENVIRONMENT =
            Map.of("WEIR_SESSION_TIMEOUT_MS", "4000", "WEIR_TRANSACTION_TIMEOUT_MS", "600000");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private static Path data;

    @TempDir
    private Path dir;

    private final Weights weights = Weights.random(Run.LAYOUT, 1);
    private UpProcess up;
    private Broker broker;
    private Model model;
    private Process second;

    @BeforeAll
    void start() throws Exception {
        up = UpProcess.start(data, Ports.free(), ENVIRONMENT).awaitReady();
        broker = Broker.of(up);
    }

    @AfterEach
    void stopSecond() {
        second.destroyForcibly();
        model.close();
    }

    @AfterAll
    void stop() {
        broker.close();
        up.close();
    }

    /** Nothing is hidden from readers, but the next owner of the partition is not told where to begin. */
    @Test
    void aTransactionOfOffsetsAloneIsFenced() throws Exception {
        model = Model.apply(up, "offsets-alone", Model.ema(0.9));
        Path agent = AgentJar.write(dir.resolve("agent.jar"));
        second = second(2, 200, "-javaagent:" + agent + "=" + dir);
        UpProcess.await(Duration.ofSeconds(90), () -> !partitionsOfSecond().isEmpty());
        try (RawTrainer trainer =
                RawTrainer.of(model, "run-1", 1, weights.layout()).open()) {
            for (int chunk = 0; chunk < RawTrainer.PARTITIONS; chunk++) {
                trainer.send(trainer.chunk(1, chunk, weights));
            }
            UpProcess.await(
                    LIMIT,
                    () -> model.read(model.topics().acks(), Staging.class).size() == RawTrainer.PARTITIONS);
            Files.writeString(dir.resolve("arm"), Point.BEFORE_COMMIT + " 1");
            Thread.sleep(500);
            int partition = partitionsOfSecond().iterator().next();
            trainer.send(trainer.chunk(1, RawTrainer.PARTITIONS + partition, weights));
            UpProcess.await(LIMIT, () -> !second.isAlive());
            assertThat(dir.resolve("hit")).content().isEqualTo("0 records sent");
            trainer.chunks(1, weights);
            trainer.ends(1, weights, 0);
        }
        UpProcess.await(LIMIT, () -> !model.digests("ema-0.9").isEmpty());
        assertThat(model.digests("ema-0.9")).containsExactly(weights.digest());
    }

    /** Its process is back under its name, so nobody takes it for dead, but the thread that began it is not. */
    @Test
    void aTransactionOfAThreadThatIsNoMoreEndsWhenItsProcessIsBack() throws Exception {
        model = Model.apply(up, "one-thread-less", Model.ema(0.9));
        second = second(2, 60_000, "");
        UpProcess.await(Duration.ofSeconds(90), () -> partitionsOfSecond().size() == 2);
        try (RawTrainer trainer =
                RawTrainer.of(model, "run-1", 1, weights.layout()).open()) {
            trainer.chunks(1, weights);
            UpProcess.await(LIMIT, () -> openOfSecond() == 2);
            second.destroyForcibly().waitFor();
            // Records that waited for it are committed at its interval, not at once.
            second = second(1, 1_000, "");
            trainer.ends(1, weights, 0);
        }
        UpProcess.await(LIMIT, () -> !model.digests("ema-0.9").isEmpty());
        assertThat(model.digests("ema-0.9")).containsExactly(weights.digest());
    }

    private Process second(int threads, int commitIntervalMs, String jvmOptions) throws Exception {
        Path config = Files.writeString(
                dir.resolve("second.yaml"),
                String.join(
                        "\n",
                        "model: " + model.name(),
                        "role: merge",
                        "bootstrap: " + up.bootstrap(),
                        "registry: " + up.registry(),
                        "data: " + dir.resolve("second"),
                        "instance-id: second",
                        "threads: " + threads,
                        "session-timeout-ms: 4000",
                        "transaction-timeout-ms: 600000",
                        "commit-interval-ms: " + commitIntervalMs,
                        ""));
        return Cli.start(
                List.of("run", "--config", config.toString()),
                jvmOptions,
                Files.createTempFile(dir, "second", ".out"),
                Files.createTempFile(dir, "second", ".err"));
    }

    private Set<Integer> partitionsOfSecond() {
        String group = model.topics().mergeApplicationId();
        try {
            return Broker.get(broker.admin()
                            .describeConsumerGroups(List.of(group))
                            .describedGroups()
                            .get(group))
                    .members()
                    .stream()
                    .filter(member -> member.groupInstanceId().orElse("").startsWith("second"))
                    .flatMap(member -> member.assignment().topicPartitions().stream())
                    .map(TopicPartition::partition)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Open transactions of the second instance's threads. */
    private long openOfSecond() {
        String group = model.topics().mergeApplicationId();
        try {
            String process =
                    Files.readString(dir.resolve("second").resolve(group).resolve("kafka-streams-process-metadata"));
            return Broker.get(broker.admin().listTransactions().all()).stream()
                    .filter(transaction -> transaction.state() == TransactionState.ONGOING)
                    .map(TransactionListing::transactionalId)
                    .filter(id -> id.startsWith(group + "-"))
                    .filter(id -> process.contains(id.substring(group.length() + 1, id.lastIndexOf('-'))))
                    .count();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
