package dev.weir.clients.subscribe;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.Resources;
import dev.weir.clients.log.LogReader;
import dev.weir.clients.promote.PromotionLog;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.SnapshotKey;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Finds the complete snapshots of a model and brings them into a directory. Not thread-safe. */
public final class Subscriber implements AutoCloseable {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

    private final Connection connection;
    private final String model;
    private final Topics topics;
    private final RecordCodec codec;
    private final LogReader log;
    private final SnapshotLog snapshots;
    private final Resources resources;
    private @Nullable LogReader promotions;

    private Subscriber(Connection connection, String model, RecordCodec codec, LogReader log, Resources resources) {
        this.connection = connection;
        this.model = model;
        this.topics = Connection.topics(model);
        this.codec = codec;
        this.log = log;
        this.snapshots = new SnapshotLog(log, codec);
        this.resources = resources;
    }

    /**
     * Connects to a model's snapshots.
     *
     * @param connection where Kafka and the registry are
     * @param model a model that has a plan
     * @throws ClientException if the model has no topics, or Kafka or the registry fail
     */
    public static Subscriber open(Connection connection, String model) {
        Topics topics = Connection.topics(model);
        Resources resources = new Resources();
        try {
            org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer =
                    connection.consumer("read_committed", Map.of());
            LogReader log = resources.add(new LogReader(consumer, topics.snapshots(), connection));
            connection.partitionsOf(model, consumer);
            RecordCodec codec = resources.add(connection.registryForReading()).codec();
            return new Subscriber(connection, model, codec, log, resources);
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** The newest complete version of a channel. */
    public Optional<Manifest> newest(String channel) {
        return guarded(() -> snapshots.newest(key -> key.getChannel().equals(channel)).stream()
                .max(Comparator.comparingLong(Manifest::getVersion)));
    }

    /** A complete version of a channel, unless it has been retired. */
    public Optional<Manifest> version(String channel, long version) {
        Predicate<SnapshotKey> wanted =
                key -> key.getVersion() == version && key.getChannel().equals(channel);
        return guarded(() -> snapshots.newest(wanted).stream().findFirst());
    }

    /** Every complete version of every channel that has not been retired, in the order in which they came. */
    public List<Manifest> manifests() {
        return guarded(() -> List.copyOf(snapshots.all(key -> true)));
    }

    /**
     * Tells of the versions that became complete or were retired since an earlier call, in the order in which that happened.
     *
     * @param channels which channels
     * @param since what that call returned; 0 for all that the log still tells of
     * @param onChange given a version's key and its manifest, null where it was retired
     * @return what to ask with next
     */
    public long changes(Predicate<String> channels, long since, BiConsumer<SnapshotKey, @Nullable Manifest> onChange) {
        return guarded(() -> {
            long end = log.end();
            snapshots.changes(Math.max(since, log.begin()), end, key -> channels.test(key.getChannel()), onChange);
            return end;
        });
    }

    /** Name of the directory that a version is pulled into: {@code v000001} and so on. */
    public static String directoryOf(Manifest manifest) {
        return VersionDirectory.name(manifest.getVersion());
    }

    /** {@link #pull(Manifest, Path, Switching)} that never moves {@code current} backwards. */
    public Path pull(Manifest manifest, Path directory) {
        return pull(manifest, directory, Switching.FORWARD_ONLY);
    }

    /**
     * Brings a version into a directory: {@code vNNNNNN/model.safetensors} and {@code vNNNNNN/manifest.json}, complete
     * and with every digest checked, and {@code current}, a relative link to one such version at every instant. A
     * version that is there already is used as it is.
     *
     * @param manifest which version
     * @param directory where to; belongs to one channel; is created if it is missing
     * @param switching whether {@code current} may move to an older version
     * @return the version's directory
     * @throws ClientException if chunks are gone or damaged, the directory holds something else, or Kafka or the disk
     *     fail; also if {@code current}, which may not move back, is newer than all versions of the channel; the directory
     *     is as before then
     */
    public Path pull(Manifest manifest, Path directory, Switching switching) {
        VersionDirectory versions = new VersionDirectory(directory);
        if (switching == Switching.FORWARD_ONLY) {
            versions.refuseWhatIsNewer(
                    manifest,
                    () -> newest(manifest.getChannel()).orElse(manifest).getVersion());
        }
        return versions.install(manifest, switching, file -> download(manifest, file));
    }

    /**
     * Keeps a directory at the newest version of a channel; versions that are overtaken while one is pulled are left
     * out. While Kafka or the registry does not answer it tries again, after 1 s at first and 30 s at most.
     *
     * @param channel name of the channel; it need not have a version yet
     * @param directory as in {@link #pull(Manifest, Path)}
     * @param onSwitch told of every version that was pulled, the first one found included
     * @param onOutage told once whenever Kafka or the registry has stopped to answer
     * @param stop asked several times a second whether to return
     * @throws ClientException if waiting does not help: what is refused, damaged, or cannot be written
     */
    public void follow(
            String channel,
            Path directory,
            Consumer<Manifest> onSwitch,
            Consumer<ClientException> onOutage,
            BooleanSupplier stop) {
        long[] pulled = {0};
        long[] seen = {-1};
        untilStopped(onOutage, stop, () -> {
            long end = guarded(log::end);
            Optional<Manifest> newest = end == seen[0] ? Optional.empty() : newest(channel);
            if (newest.isEmpty() || newest.get().getVersion() <= pulled[0]) {
                seen[0] = end;
                return Optional.empty();
            }
            seen[0] = -1;
            if (!pullUnlessOvertaken(newest.get(), directory)) {
                return Optional.of(() -> {});
            }
            pulled[0] = newest.get().getVersion();
            return Optional.of(() -> onSwitch.accept(newest.get()));
        });
    }

    /**
     * Tells of every version of a channel, none left out: for evaluators of a search's candidates, say.
     *
     * @param channel name of the channel; it need not have a version yet
     * @param onVersion told of each complete version that is not retired, in the order in which they came
     * @param stop asked several times a second whether to return
     */
    public void each(String channel, Consumer<Manifest> onVersion, BooleanSupplier stop) {
        long next = guarded(log::begin);
        while (!stop.getAsBoolean()) {
            long from = next;
            long end = guarded(log::end);
            if (end > from) {
                guarded(() -> snapshots.between(
                                from, end, key -> key.getChannel().equals(channel)))
                        .forEach(onVersion);
                next = end;
            } else {
                pause();
            }
        }
    }

    /**
     * Brings the baseline in force into a directory and lets {@code current} name it, also backwards. The directory of a
     * baseline is {@code vNNNNNN} by the number of the verdict that put it in service for the first time, so that a
     * rollback needs no second download; {@code promotion.json} in it is that verdict. Otherwise as
     * {@link #pull(Manifest, Path)}.
     *
     * @param directory where to; belongs to this model's baselines; is created if it is missing
     * @throws ClientException if there is no baseline, or as {@link #pull(Manifest, Path)} does
     */
    public PromotedVersion pullPromoted(Path directory) {
        PromotedPull promoted = promoted();
        while (true) {
            Promotion verdict = guarded(promoted::inForce).orElseThrow(promoted::none);
            Optional<PromotedVersion> pulled = promoted.pullUnlessOvertaken(verdict, directory);
            if (pulled.isPresent()) {
                return pulled.get();
            }
        }
    }

    /**
     * Keeps a directory at the baseline in force. While Kafka or the registry does not answer it tries again, as
     * {@link #follow} does.
     *
     * @param directory as in {@link #pullPromoted}
     * @param onSwitch told of every baseline that was pulled, the first one found included
     * @param onOutage told once whenever Kafka or the registry has stopped to answer
     * @param stop asked several times a second whether to return
     */
    public void followPromoted(
            Path directory,
            Consumer<PromotedVersion> onSwitch,
            Consumer<ClientException> onOutage,
            BooleanSupplier stop) {
        PromotedPull promoted = promoted();
        long[] pulled = {0};
        untilStopped(onOutage, stop, () -> {
            Optional<Promotion> newer = guarded(promoted::inForce).filter(verdict -> verdict.getNumber() != pulled[0]);
            if (newer.isEmpty()) {
                return Optional.empty();
            }
            Optional<PromotedVersion> done;
            try {
                done = promoted.pullUnlessOvertaken(newer.get(), directory);
            } catch (ClientException gone) {
                if (gone.reason() != ClientException.Reason.RETIRED) {
                    throw gone;
                }
                // What is here stays until the next verdict.
                pulled[0] = newer.get().getNumber();
                onOutage.accept(gone);
                return Optional.empty();
            }
            done.ifPresent(version -> pulled[0] = version.promotion().getNumber());
            return Optional.of(() -> done.ifPresent(onSwitch));
        });
    }

    /** @param look what to do next, outside of what is tried again; empty: nothing new */
    private void untilStopped(
            Consumer<ClientException> onOutage, BooleanSupplier stop, Supplier<Optional<Runnable>> look) {
        Outage outage = new Outage(onOutage);
        while (!stop.getAsBoolean()) {
            Optional<Runnable> next;
            try {
                next = look.get();
                outage.over();
            } catch (RuntimeException e) {
                ClientException failure = Outage.of(e, "topic " + topics.snapshots(), connection.bootstrap());
                if (failure == null) {
                    throw e;
                }
                for (long leftMs = outage.failed(failure); leftMs > 0 && !stop.getAsBoolean(); ) {
                    pause();
                    leftMs -= BETWEEN_LOOKS.toMillis();
                }
                continue;
            }
            next.ifPresentOrElse(Runnable::run, Subscriber::pause);
        }
    }

    @Override
    public void close() {
        resources.close();
    }

    private PromotedPull promoted() {
        if (promotions == null) {
            promotions = resources.add(
                    new LogReader(connection.consumer("read_committed", Map.of()), topics.promotions(), connection));
        }
        return new PromotedPull(
                model,
                new PromotionLog(promotions, codec),
                subject -> version(subject.getChannel(), subject.getVersion()),
                this::download);
    }

    /** False if the version was retired meanwhile and there is a newer one. */
    private boolean pullUnlessOvertaken(Manifest manifest, Path directory) {
        try {
            pull(manifest, directory);
            return true;
        } catch (ClientException e) {
            boolean overtaken = e.reason() == ClientException.Reason.RETIRED
                    && newest(manifest.getChannel())
                            .filter(newer -> newer.getVersion() > manifest.getVersion())
                            .isPresent();
            if (overtaken) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Writes a version as one safetensors file, which appears only once every digest is checked.
     *
     * @throws ClientException if chunks are gone or damaged, or Kafka or the disk fail
     */
    public void download(Manifest manifest, Path file) {
        download(manifest, file, Collections.emptySortedMap());
    }

    /**
     * As {@link #download(Manifest, Path)}, with metadata.
     *
     * @param metadata what the file's header says beside the tensors
     */
    public void download(Manifest manifest, Path file, SortedMap<String, String> metadata) {
        try (org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer =
                connection.consumer("read_committed", ChunkReader.TUNING)) {
            ChunkReader reader = new ChunkReader(consumer, codec, connection, topics.merged(), manifest);
            new Assembly(manifest).write(reader::next, file, metadata);
        }
    }

    private <T> T guarded(Supplier<T> work) {
        try {
            return work.get();
        } catch (KafkaException e) {
            throw ClientException.ofKafka("topic " + topics.snapshots(), connection.bootstrap(), e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_LOOKS.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException(ClientException.Reason.FAILED, "follow", "was interrupted", "", "", e);
        }
    }
}
