package dev.weir.clients.publish;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.Resources;
import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.Provenance;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the checkpoints of one run of a model. Opening it begins the run's next epoch: whatever an older publisher
 * of the same run still sends is refused by the broker or dropped by the merge tasks. Several checkpoints may be in
 * flight. One thread may send while another one awaits; not thread-safe beyond that.
 *
 * <pre>{@code
 * try (SafetensorsFile file = SafetensorsFile.open(path);
 *         Publisher publisher = Publisher.open(connection, "mnist", "run-1", file.layout(), Duration.ofMinutes(10))) {
 *     Outcome outcome = publisher.publish(420, WeightSource.of(file));
 * }
 * }</pre>
 */
public final class Publisher implements AutoCloseable {

    /** Checkpoints that may wait for their decision when another one is sent: what merge tasks must hold of a run. */
    static final int UNDECIDED = 2;

    private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);
    private static final Duration CLOSING = Duration.ofSeconds(5);
    /**
     * Rejections that are not about the checkpoint's bytes: its differences refer to what is not there, its parts were not
     * all held in time, by a slow source or while merge was away, or a plan came in between.
     */
    private static final List<String> SENT_AGAIN = List.of("base:", "timeout:", "rules:");

    private final Connection connection;
    private final String run;
    private final Duration timeout;
    private final boolean differences;
    private final Resources resources;
    private final Transactions transactions;
    private final CurrentEpoch<CheckpointWriter> epoch;
    private final VerdictReader verdicts;
    private long lastStep = -1;
    private final Queue<Long> undecided = new ConcurrentLinkedQueue<>();
    /** Newest step of the epoch that is known to be accepted; -1: none. Who awaits learns of it, and who sends. */
    private final AtomicLong acceptedStep = new AtomicLong(-1);

    private Publisher(
            Connection connection,
            String run,
            CurrentEpoch<CheckpointWriter> epoch,
            Duration timeout,
            boolean differences,
            Resources resources,
            Transactions transactions,
            VerdictReader verdicts) {
        this.connection = connection;
        this.run = run;
        this.epoch = epoch;
        this.timeout = timeout;
        this.differences = differences;
        this.resources = resources;
        this.transactions = transactions;
        this.verdicts = verdicts;
    }

    /**
     * Begins the run's next epoch.
     *
     * @param connection where Kafka and the registry are
     * @param model a model that has a plan
     * @param run letters, digits, dots, underscores and hyphens; 100 characters at most
     * @param layout what every checkpoint of this publisher holds
     * @param timeout how long to wait for a checkpoint's decision and snapshots
     * @throws ClientException if a name is not allowed, the model has no topics, or Kafka or the registry fail
     */
    public static Publisher open(Connection connection, String model, String run, Layout layout, Duration timeout) {
        return open(connection, model, run, layout, timeout, Deltas.AUTO);
    }

    /**
     * As {@link #open(Connection, String, String, Layout, Duration)}, with the encodings named.
     *
     * @param deltas how checkpoints travel
     */
    public static Publisher open(
            Connection connection, String model, String run, Layout layout, Duration timeout, Deltas deltas) {
        return open(connection, model, run, layout, timeout, deltas, Map.of());
    }

    /**
     * As {@link #open(Connection, String, String, Layout, Duration, Deltas)}, of a run that says what it descends from.
     *
     * @param provenance by the keys of {@link Provenance} or others; 16 keys of 64 bytes and values of 256 bytes at most
     */
    public static Publisher open(
            Connection connection,
            String model,
            String run,
            Layout layout,
            Duration timeout,
            Deltas deltas,
            Map<String, String> provenance) {
        RunName.check(run);
        Refused.provenance(run, provenance);
        return opened(connection, model, run, layout, timeout, deltas, provenance);
    }

    /**
     * As {@link #open}, in full chunks, for a run of Weir's own, whose name no trainer's run can have, such as the baseline's.
     *
     * @param run begins with {@code @}
     */
    public static Publisher openReserved(
            Connection connection, String model, String run, Layout layout, Duration timeout) {
        return opened(connection, model, run, layout, timeout, Deltas.NONE, Map.of());
    }

    private static Publisher opened(
            Connection connection,
            String model,
            String run,
            Layout layout,
            Duration timeout,
            Deltas deltas,
            Map<String, String> provenance) {
        Refused.layout(run, layout);
        Topics topics = Connection.topics(model);
        Resources resources = new Resources();
        try {
            Consumer<byte[], byte[]> uncommitted = connection.consumer("read_uncommitted", Map.of());
            LogReader runs = resources.add(new LogReader(uncommitted, topics.runs(), connection));
            int partitions = connection.partitionsOf(model, uncommitted);
            RecordCodec codec = resources.add(connection.registryForWriting()).codec();
            Producer<byte[], byte[]> producer =
                    connection.producer(ProducerSettings.tuning(layout), ProducerSettings.required(model, run));
            resources.add(() -> producer.close(CLOSING));
            producer.initTransactions();
            Consumer<byte[], byte[]> committed = connection.consumer("read_committed", VerdictReader.TUNING);
            resources.add(committed::close);
            VerdictReader verdicts = new VerdictReader(committed, codec, topics, run, connection.bootstrap());
            long first = Epoch.newest(runs, codec, run).number() + 1;
            Transactions transactions = new Transactions(producer, System::nanoTime);
            resources.add(new TransactionKeeper(transactions, run));
            DeltaWriter chunks = resources.add(new DeltaWriter(deltas, layout, System::nanoTime));
            LongFunction<CheckpointWriter> opening = number -> {
                transactions.sendTogether(
                        Epoch.opening(codec, topics, partitions, run, number, layout, deltas.any(), provenance));
                transactions.commit();
                return new CheckpointWriter(transactions, codec, model, partitions, run, number, layout, chunks);
            };
            CurrentEpoch<CheckpointWriter> epoch = new CurrentEpoch<>(first, opening);
            return new Publisher(connection, run, epoch, timeout, deltas.any(), resources, transactions, verdicts);
        } catch (KafkaException e) {
            ClientException failure = ClientException.ofKafka("run " + run, connection.bootstrap(), e);
            resources.closeAfter(failure);
            throw failure;
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** The newest epoch that this publisher opened. */
    public long epoch() {
        return epoch.number();
    }

    /**
     * {@link #send} and {@link #await} in one. A checkpoint that is rejected because the merge tasks no longer have what its
     * differences refer to, because they have waited too long for parts of it, or because a plan changed the rules for tensors
     * meanwhile, is sent once more, in full and in the run's next epoch, unless another one is undecided.
     *
     * @param weights its bytes, which may be read twice; they stay as they are until this returns
     */
    public Outcome publish(long step, WeightSource weights) {
        return publish(step, weights, Map.of());
    }

    /**
     * As {@link #publish(long, WeightSource)}, with side inputs.
     *
     * @param inputs side inputs of the checkpoint by name, such as its loss; they become visible with it
     */
    public Outcome publish(long step, WeightSource weights, Map<String, Double> inputs) {
        return publish(step, weights, inputs, Map.of());
    }

    /**
     * As {@link #publish(long, WeightSource, Map)}, with companions.
     *
     * @param companions by name, such as {@code fisher}: an f32 of 0 or more for each element of every float tensor, asked for
     *     chunk by chunk of the weights, of float tensors alone; see {@link CompanionFile}
     */
    public Outcome publish(
            long step, WeightSource weights, Map<String, Double> inputs, Map<String, WeightSource> companions) {
        long stepBefore = lastStep;
        send(step, weights, inputs, companions);
        Outcome outcome = await(step);
        if (outcome instanceof Outcome.Rejected rejected && isSentAgain(rejected.reason()) && undecided.isEmpty()) {
            LOG.info("step {} of run {} is sent again in full: {}", step, run, rejected);
            // Should that fail, it may be sent once more as any that failed.
            lastStep = stepBefore;
            // A step is decided once in an epoch.
            epoch.end();
            write(step, weights, inputs, companions);
            return await(step);
        }
        return outcome;
    }

    /** Whether a checkpoint that was rejected for this reason may be accepted when it comes once more. */
    static boolean isSentAgain(String reason) {
        return SENT_AGAIN.stream().anyMatch(reason::startsWith);
    }

    /** {@link #send(long, WeightSource, Map)} without side inputs. */
    public void send(long step, WeightSource weights) {
        send(step, weights, Map.of());
    }

    /**
     * Sends a checkpoint and returns when it is committed to the log; nothing is decided then. While two that were sent
     * before are undecided it waits first, for this publisher's timeout at most: merge tasks hold what is undecided. It travels as
     * differences where the one before is accepted by now, awaited or not.
     *
     * @param step above every step sent before, 0 at least; a step that failed may be sent again
     * @param weights its bytes
     * @param inputs side inputs of the checkpoint by name, such as its loss; they become visible with it
     * @throws ClientException if the step is not allowed, a newer publisher has fenced this one, or Kafka fails
     */
    public void send(long step, WeightSource weights, Map<String, Double> inputs) {
        send(step, weights, inputs, Map.of());
    }

    /**
     * As {@link #send(long, WeightSource, Map)}, with companions.
     *
     * @param companions as in {@link #publish(long, WeightSource, Map, Map)}
     */
    public void send(
            long step, WeightSource weights, Map<String, Double> inputs, Map<String, WeightSource> companions) {
        Refused.companions(run, step, companions.keySet());
        Refused.step(run, step, lastStep);
        while (undecided.size() >= UNDECIDED) {
            Long oldest = undecided.peek();
            if (oldest != null) {
                verdicts.awaitDecision(epoch.number(), oldest, timeout, () -> !undecided.contains(oldest));
                learn(oldest);
            }
        }
        if (differences && !undecided.isEmpty()) {
            verdicts.catchUp(timeout);
            List.copyOf(undecided).forEach(this::learn);
        }
        write(step, weights, inputs, companions);
    }

    /** Takes note of a decision that nobody may ever await: the next checkpoint can refer to what was accepted. */
    private void learn(long step) {
        Verdict verdict = verdicts.verdict(epoch.number(), step);
        if (verdict != null) {
            accepted(verdict == Verdict.COMMIT, step);
        }
    }

    private void accepted(boolean accepted, long step) {
        if (accepted) {
            acceptedStep.accumulateAndGet(step, Math::max);
        }
        undecided.remove(step);
    }

    private void write(
            long step, WeightSource weights, Map<String, Double> inputs, Map<String, WeightSource> companions) {
        try {
            if (epoch.ended()) {
                acceptedStep.set(-1);
            }
            epoch.writer().write(step, weights, inputs, companions, acceptedStep.get());
            lastStep = step;
            undecided.add(step);
        } catch (KafkaException e) {
            transactions.abandon(e);
            throw ClientException.ofKafka("run " + run, connection.bootstrap(), e);
        } catch (RuntimeException | Error e) {
            transactions.abandon(e);
            throw e;
        }
    }

    /**
     * Waits until a checkpoint is decided and, where it was accepted, every snapshot due from it is complete.
     *
     * @param step one that was sent and is not awaited yet; of those that nobody awaits, the newest 256 decisions are kept
     * @throws ClientException if that takes longer than this publisher's timeout, a newer publisher of the run took
     *     over before the checkpoint was closed, or Kafka or the registry fail
     */
    public Outcome await(long step) {
        Outcome outcome;
        try {
            outcome = verdicts.await(epoch.number(), step, timeout);
        } catch (ClientException failed) {
            if (failed.reason() == ClientException.Reason.FENCED) {
                undecided.remove(step);
            }
            throw failed;
        }
        accepted(outcome instanceof Outcome.Accepted, step);
        return outcome;
    }

    @Override
    public void close() {
        resources.close();
    }
}
