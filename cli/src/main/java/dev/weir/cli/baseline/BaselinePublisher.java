package dev.weir.cli.baseline;

import dev.weir.clients.Connection;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.publish.WeightSource;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.topology.config.RunConfig;
import dev.weir.topology.coordinate.BaselineRun;
import dev.weir.topology.coordinate.Pinner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls a baseline, verified, and publishes it as a checkpoint of its own run. Tries again until it succeeds or another
 * baseline is asked for.
 */
public final class BaselinePublisher implements Pinner {
    private static final Logger LOG = LoggerFactory.getLogger(BaselinePublisher.class);
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final long RETRY_MS = 2_000;

    private final Connection connection;
    private final String model;
    /** Takes the weights of one baseline while they are published. */
    private final Path directory;

    private final AtomicLong wanted = new AtomicLong();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("weir-baseline").factory());

    private volatile Progress progress = new Progress(0, 0, "", false);

    private BaselinePublisher(Connection connection, String model, Path directory) {
        this.connection = connection;
        this.model = model;
        this.directory = directory;
    }

    public static BaselinePublisher of(RunConfig run) {
        Connection connection = new Connection(run.bootstrap(), run.registry(), run.client(), Duration.ofSeconds(15));
        return new BaselinePublisher(
                connection, run.model(), Path.of(run.data()).resolve("baseline").resolve(run.model()));
    }

    @Override
    public void pin(long number, String channel, long version) {
        wanted.set(number);
        progress = new Progress(number, 0, "", false);
        thread.execute(() -> {
            while (wanted.get() == number && !tried(number, channel, version)) {
                try {
                    Thread.sleep(RETRY_MS);
                } catch (InterruptedException closing) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        });
    }

    @Override
    public Progress progress() {
        return progress;
    }

    private boolean tried(long number, String channel, long version) {
        Progress before = progress;
        int attempt = before.attempts() + 1;
        said(number, new Progress(number, attempt, before.lastError(), false));
        try (Subscriber subscriber = Subscriber.open(connection, model)) {
            Manifest manifest = subscriber
                    .version(channel, version)
                    .orElseThrow(() -> new IllegalStateException("channel " + channel + " has no version " + version));
            // What a process that was killed has left there.
            delete(directory);
            Path pulled = subscriber.pull(manifest, directory).resolve("model.safetensors");
            try (SafetensorsFile file = SafetensorsFile.open(pulled);
                    Publisher publisher =
                            Publisher.openReserved(connection, model, BaselineRun.NAME, file.layout(), PATIENCE)) {
                Outcome outcome = publisher.publish(number, WeightSource.of(file));
                boolean rejected = outcome instanceof Outcome.Rejected;
                String reason = outcome instanceof Outcome.Rejected refused ? "rejected: " + refused.reason() : "";
                if (rejected) {
                    LOG.warn("baseline of promotion {}: {}", number, reason);
                }
                said(number, new Progress(number, attempt, reason, !rejected));
                return true;
            }
        } catch (IOException | RuntimeException failed) {
            LOG.warn(
                    "baseline of promotion {}: attempt {} failed, the next in {} ms: {}",
                    number,
                    attempt,
                    RETRY_MS,
                    failed.getMessage());
            said(number, new Progress(number, attempt, String.valueOf(failed.getMessage()), false));
            return false;
        } finally {
            clear();
        }
    }

    /** Nothing more is said of a baseline that is no longer wanted. */
    private void said(long number, Progress next) {
        if (wanted.get() == number) {
            progress = next;
        }
    }

    private void clear() {
        try {
            delete(directory);
        } catch (IOException left) {
            LOG.warn("{}: cannot be deleted: {}; it is deleted before the next pin", directory, left.getMessage());
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        }
    }
}
