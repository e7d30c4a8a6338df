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
import java.io.UncheckedIOException;
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
    private final AtomicLong wanted = new AtomicLong();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("weir-baseline").factory());

    private BaselinePublisher(Connection connection, String model) {
        this.connection = connection;
        this.model = model;
    }

    public static BaselinePublisher of(RunConfig run) {
        Connection connection = new Connection(run.bootstrap(), run.registry(), run.client(), Duration.ofSeconds(15));
        return new BaselinePublisher(connection, run.model());
    }

    @Override
    public void pin(long number, String channel, long version) {
        wanted.set(number);
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

    private boolean tried(long number, String channel, long version) {
        Path directory = null;
        try (Subscriber subscriber = Subscriber.open(connection, model)) {
            Manifest manifest = subscriber
                    .version(channel, version)
                    .orElseThrow(() -> new IllegalStateException("channel " + channel + " has no version " + version));
            directory = Files.createTempDirectory("weir-baseline");
            Path pulled = subscriber.pull(manifest, directory).resolve("model.safetensors");
            try (SafetensorsFile file = SafetensorsFile.open(pulled);
                    Publisher publisher =
                            Publisher.openReserved(connection, model, BaselineRun.NAME, file.layout(), PATIENCE)) {
                Outcome outcome = publisher.publish(number, WeightSource.of(file));
                if (outcome instanceof Outcome.Rejected rejected) {
                    LOG.warn("baseline of promotion {}: rejected: {}", number, rejected.reason());
                }
                return true;
            }
        } catch (IOException | RuntimeException failed) {
            LOG.warn("baseline of promotion {}: {}", number, failed.getMessage());
            return false;
        } finally {
            delete(directory);
        }
    }

    private static void delete(@org.jspecify.annotations.Nullable Path directory) {
        if (directory == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        } catch (IOException left) {
            throw new UncheckedIOException(left);
        }
    }
}
