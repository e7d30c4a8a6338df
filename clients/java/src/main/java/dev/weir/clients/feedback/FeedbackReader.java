package dev.weir.clients.feedback;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.Resources;
import dev.weir.clients.log.LogReader;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.schemas.record.Feedback;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.SnapshotKey;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.UnfinishedFiles;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * What a trainer goes on from. After a checkpoint is accepted, and before the trainer takes another step, it asks whether
 * an average takes its weights' place; its optimiser's state stays what it is. What belongs to a step that the trainer has
 * gone past is stale: it is dropped and counted. A trainer that is only pulled toward the average, as by {@code weight-centre},
 * keeps its own weights and takes what it is handed as the centre; {@link Feedback#getDistances} says how far each of its tensors
 * is from there, where the channel is told to. Not thread-safe.
 *
 * <pre>{@code
 * try (Publisher publisher = Publisher.open(connection, "mnist", "run-1", layout, timeout);
 *         FeedbackReader feedback = FeedbackReader.open(connection, "mnist", "run-1", publisher::epoch, timeout)) {
 *     publisher.publish(step, weights);
 *     feedback.apply(step, file -> trainer.load(file));
 * }
 * }</pre>
 */
public final class FeedbackReader implements AutoCloseable {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private final Connection connection;
    private final String run;
    private final LongSupplier epochs;
    private final Duration timeout;
    private final Path temporary;
    private final RecordCodec codec;
    private final LogReader log;
    private final Subscriber subscriber;
    private final Resources resources;
    private final TreeMap<Long, Feedback> waiting = new TreeMap<>();
    private long next;
    private long stale;

    private FeedbackReader(
            Connection connection,
            String run,
            LongSupplier epochs,
            Duration timeout,
            Path directory,
            RecordCodec codec,
            LogReader log,
            Subscriber subscriber,
            Resources resources) {
        this.connection = connection;
        this.run = run;
        this.epochs = epochs;
        this.timeout = timeout;
        this.temporary = directory;
        this.codec = codec;
        this.log = log;
        this.subscriber = subscriber;
        this.resources = resources;
    }

    /**
     * Connects a run to what comes back to it.
     *
     * @param connection where Kafka and the registry are
     * @param model a model that has a plan
     * @param run the trainer's run
     * @param epoch of the run's publisher, asked each time: one that sends a checkpoint again in full opens another one.
     *     What came back to newer ones is not for this trainer
     * @param timeout how long to wait for a version that is decided to be complete
     * @throws ClientException if the model has no topics, or Kafka or the registry fail
     */
    public static FeedbackReader open(
            Connection connection, String model, String run, LongSupplier epoch, Duration timeout) {
        return open(connection, model, run, epoch, timeout, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /**
     * As {@link #open(Connection, String, String, LongSupplier, Duration)}, which uses the system's folder for temporary files.
     *
     * @param directory where {@link #apply} keeps one model's weights, in full, while they are handed over; must be there
     */
    public static FeedbackReader open(
            Connection connection, String model, String run, LongSupplier epoch, Duration timeout, Path directory) {
        Resources resources = new Resources();
        try {
            Subscriber subscriber = resources.add(Subscriber.open(connection, model));
            LogReader log = resources.add(new LogReader(
                    connection.consumer("read_committed", Map.of()),
                    Connection.topics(model).feedback(),
                    connection));
            RecordCodec codec = resources.add(connection.registryForReading()).codec();
            return new FeedbackReader(connection, run, epoch, timeout, directory, codec, log, subscriber, resources);
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /**
     * Hands over the weights with which the run goes on after a step, verified.
     *
     * @param step the trainer's step, whose checkpoint was accepted, this time or before
     * @param replace takes the weights over; the file is gone when it returns
     * @return what was handed over; empty: the trainer goes on with its own weights
     * @throws ClientException if the version is not complete in time or damaged, or Kafka or the disk fail
     */
    public Optional<Feedback> apply(long step, Consumer<SafetensorsFile> replace) {
        try {
            Path directory = UnfinishedFiles.add(Files.createTempDirectory(temporary, "weir-feedback"));
            Path file = directory.resolve("model.safetensors");
            try {
                Optional<Feedback> taken = take(step, file);
                if (taken.isPresent()) {
                    try (SafetensorsFile weights = SafetensorsFile.open(file)) {
                        replace.accept(weights);
                    }
                }
                return taken;
            } finally {
                Files.deleteIfExists(file);
                Files.deleteIfExists(directory);
                UnfinishedFiles.remove(directory);
            }
        } catch (IOException e) {
            throw unwritable(temporary, e);
        }
    }

    /**
     * Writes the weights with which the run goes on after a step into a file; otherwise as {@link #apply}.
     *
     * @param file appears complete and verified, or not at all
     */
    public Optional<Feedback> take(long step, Path file) {
        try {
            long epoch = epochs.getAsLong();
            catchUp(epoch);
            Map<Long, Feedback> past = waiting.headMap(step);
            stale += past.values().stream()
                    .filter(one -> one.getEpoch() == epoch)
                    .count();
            past.clear();
            Feedback feedback = waiting.get(step);
            if (feedback == null) {
                return Optional.empty();
            }
            Manifest manifest = complete(feedback);
            boolean taken = manifest != null && downloaded(manifest, file);
            // Not before: who fails and asks again must not go on from its own weights.
            waiting.remove(step);
            stale += taken ? 0 : 1;
            return taken ? Optional.of(feedback) : Optional.empty();
        } catch (KafkaException e) {
            throw ClientException.ofKafka("feedback of run " + run, connection.bootstrap(), e);
        }
    }

    /** How often what came back to the publisher's epoch was not applied because the trainer, or the channel, had gone past it. */
    public long stale() {
        return stale;
    }

    @Override
    public void close() {
        resources.close();
    }

    private void catchUp(long epoch) {
        long end = log.end();
        long from = Math.max(next, log.begin());
        if (from < end) {
            log.read(from, end, record -> take(record, epoch));
        }
        next = Math.max(end, from);
    }

    private void take(ConsumerRecord<byte[], byte[]> record, long epoch) {
        if (record.value() == null) {
            return;
        }
        try {
            Feedback feedback = codec.read(record.value(), Feedback.class);
            if (feedback.getRun().equals(run) && feedback.getEpoch() <= epoch) {
                waiting.put(feedback.getStep(), feedback);
            }
        } catch (BadRecordException foreign) {
            return;
        }
    }

    /** The version's manifest as soon as it is complete; null: it is retired already, or a newer one is there without it. */
    private @Nullable Manifest complete(Feedback feedback) {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        Awaited version = new Awaited(feedback.getVersion());
        long since = 0;
        while (true) {
            since = subscriber.changes(feedback.getChannel()::equals, since, version);
            if (version.passed) {
                return version.manifest;
            }
            if (System.nanoTime() - deadlineNanos >= 0) {
                throw new ClientException(
                        ClientException.Reason.TIMEOUT,
                        "channel " + feedback.getChannel() + " version " + feedback.getVersion(),
                        "is to go back to run " + run + " and not complete after " + timeout.toMillis() + " ms",
                        "the application may be down",
                        "see `weir status`");
            }
            pause();
        }
    }

    /** What the log of snapshots says of a version, and whether it will say no more. */
    private static final class Awaited implements BiConsumer<SnapshotKey, @Nullable Manifest> {
        private final long version;
        private @Nullable Manifest manifest;
        private boolean passed;

        Awaited(long version) {
            this.version = version;
        }

        @Override
        public void accept(SnapshotKey key, @Nullable Manifest now) {
            passed |= key.getVersion() >= version;
            manifest = key.getVersion() == version ? now : manifest;
        }
    }

    private boolean downloaded(Manifest manifest, Path file) {
        try {
            subscriber.download(manifest, file);
            return true;
        } catch (ClientException e) {
            if (e.reason() == ClientException.Reason.RETIRED) {
                return false;
            }
            throw e;
        } catch (UncheckedIOException e) {
            throw unwritable(file, e);
        }
    }

    private static ClientException unwritable(Path path, Exception failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return new ClientException(
                ClientException.Reason.FAILED,
                String.valueOf(path),
                "cannot be written (" + cause + ")",
                "allowed: a place on a disk with room",
                "correct it and ask again",
                failure);
    }

    private void pause() {
        try {
            Thread.sleep(BETWEEN_LOOKS.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException(
                    ClientException.Reason.FAILED, "feedback of run " + run, "was interrupted", "", "", e);
        }
    }
}
