package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.fixture.Broker;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.RawTrainer;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Opened;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance that dies inside a transaction: the survivor's output is seen long before that transaction times out. */
final class FailoverIT {

    private static final String MODEL = "failover";
    private static final int SESSION_TIMEOUT_MS = 4_000;
    private static final int TRANSACTION_TIMEOUT_MS = 600_000;
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "WEIR_SESSION_TIMEOUT_MS",
            Integer.toString(SESSION_TIMEOUT_MS),
            "WEIR_TRANSACTION_TIMEOUT_MS",
            Integer.toString(TRANSACTION_TIMEOUT_MS),
            "WEIR_COMMIT_INTERVAL_MS",
            "60000");

    @TempDir
    private Path dir;

    @Test
    void aDeadInstancesTransactionIsFencedByTheSurvivors() throws Exception {
        Weights weights = Weights.random(Weights.SMALL, 1);
        try (UpProcess up = UpProcess.start(dir.resolve("data"), Ports.free(), ENVIRONMENT)
                        .awaitReady();
                Broker broker = Broker.of(up);
                Model model = Model.apply(up, MODEL, Model.ema(0.9))) {
            Process second = secondInstance(up);
            try {
                UpProcess.await(
                        Duration.ofSeconds(90), () -> processes(broker, model).size() == 2);
                UpProcess.await(Duration.ofSeconds(60), () -> tasks(broker, model, "second") > 0);
                try (RawTrainer trainer = RawTrainer.of(model, "run-1", 1, weights.layout())) {
                    trainer.open();
                    UpProcess.await(
                            Duration.ofSeconds(60),
                            () -> model.read(model.topics().acks(), Opened.class)
                                            .size()
                                    == RawTrainer.PARTITIONS);
                    trainer.aged(10_000).chunks(1, weights);
                    // Far longer than a process is idle before it commits what somebody waits for.
                    Thread.sleep(1_000);
                    UpProcess.await(Duration.ofSeconds(60), () -> openTransactions(broker, model) == 2);
                    second.destroyForcibly().waitFor();
                    trainer.ends(1, weights, 0);
                }
                long died = System.nanoTime();
                UpProcess.await(
                        Duration.ofMillis(TRANSACTION_TIMEOUT_MS / 4),
                        () -> !model.digests("ema-0.9").isEmpty());
                System.out.println("FailoverIT: visible "
                        + Duration.ofNanos(System.nanoTime() - died).toMillis() + " ms after the kill; session timeout "
                        + SESSION_TIMEOUT_MS + " ms, transaction timeout " + TRANSACTION_TIMEOUT_MS + " ms");
                assertThat(model.digests("ema-0.9")).containsExactly(weights.digest());
            } finally {
                second.destroyForcibly();
            }
        }
    }

    private Process secondInstance(UpProcess up) throws Exception {
        Path config = Files.writeString(
                dir.resolve("second.yaml"),
                String.join(
                        "\n",
                        "model: " + MODEL,
                        "role: merge",
                        "bootstrap: " + up.bootstrap(),
                        "registry: " + up.registry(),
                        "data: " + dir.resolve("second"),
                        "instance-id: second",
                        "session-timeout-ms: " + SESSION_TIMEOUT_MS,
                        "transaction-timeout-ms: " + TRANSACTION_TIMEOUT_MS,
                        "commit-interval-ms: 60000",
                        ""));
        return Cli.start(
                List.of("run", "--config", config.toString()),
                Files.createTempFile(dir, "second", ".out"),
                Files.createTempFile(dir, "second", ".err"));
    }

    private static Set<String> processes(Broker broker, Model model) {
        Set<String> processes = new HashSet<>();
        for (MemberDescription member : members(broker, model)) {
            processes.add(member.clientId().replaceAll("-StreamThread.*", ""));
        }
        return processes;
    }

    private static int tasks(Broker broker, Model model, String instance) {
        return members(broker, model).stream()
                .filter(member -> member.groupInstanceId().orElse("").startsWith(instance))
                .mapToInt(member -> member.assignment().topicPartitions().size())
                .sum();
    }

    private static java.util.Collection<MemberDescription> members(Broker broker, Model model) {
        String group = model.topics().mergeApplicationId();
        try {
            return Broker.get(broker.admin()
                            .describeConsumerGroups(List.of(group))
                            .describedGroups()
                            .get(group))
                    .members();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Processes of merge that are inside a transaction. */
    private static long openTransactions(Broker broker, Model model) {
        try {
            return Broker.get(broker.admin().listTransactions().all()).stream()
                    .filter(transaction -> transaction.state() == TransactionState.ONGOING)
                    .map(transaction -> transaction.transactionalId())
                    .filter(id -> id.startsWith(model.topics().mergeApplicationId()))
                    .map(id -> id.substring(0, id.lastIndexOf('-')))
                    .distinct()
                    .count();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
