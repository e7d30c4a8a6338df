package dev.weir.cli.job;

import dev.weir.cli.WeirException;
import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.publish.Deltas;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.publish.WeightSource;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.Provenance;
import dev.weir.topology.coordinate.BaselineRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Merges versions of channels round after round and publishes each merge as a checkpoint of a run, whose step is the
 * round's. A round follows from its versions, so that a job has no state of its own: one that is started again goes on
 * behind the run's newest step, and what it publishes twice is a duplicate. Not thread-safe.
 */
public final class Job implements AutoCloseable {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

    /**
     * Where a job's merges go.
     *
     * @param model a model that has a plan, and none of those that the job reads
     * @param run of which they are the checkpoints
     * @param patience how long to wait for a checkpoint's decision and snapshots
     */
    public record Target(String model, String run, Duration patience) {}

    /** What a job does with the files of a round. */
    public interface Merging {
        /**
         * Merges and writes.
         *
         * @param models what is merged, in order
         * @param steps the trainer step of each
         * @param sides their second files, or none
         * @return what else is to be said of it
         * @throws IllegalArgumentException when they do not go together
         */
        List<String> merge(List<Path> models, List<Long> steps, List<Path> sides, Path output)
                throws InterruptedException;
    }

    /** Who is told what a job does. */
    public interface Listener {
        /**
         * Versions were gone before the job saw them, and with them perhaps rounds.
         *
         * @param step before which they were
         * @param versions how many at most
         */
        void unseen(long step, long versions);

        /** A round is done with. */
        void result(Result result);
    }

    private final Connection connection;
    private final Target target;
    private final Rounds rounds;
    private final Merging merging;
    private final Workplace files;
    private final Map<String, Subscriber> subscribers = new TreeMap<>();
    private final Map<String, Long> looked = new HashMap<>();
    private @Nullable Publisher publisher;
    private Map<String, String> said = Map.of();

    /**
     * Connects to the models.
     *
     * @param directory belongs to this job alone; what jobs have left there goes
     * @throws ClientException if a model has no topics, or Kafka or the registry fail
     * @throws WeirException if another job has the directory, or it holds what no job has put there
     */
    public Job(Connection connection, Target target, Rounds rounds, Merging merging, Path directory) {
        this.connection = connection;
        this.target = target;
        this.rounds = rounds;
        this.merging = merging;
        this.files = Workplace.empty(directory);
        try {
            for (Source.Channel channel : rounds.channels()) {
                subscribers.computeIfAbsent(channel.model(), model -> Subscriber.open(connection, model));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Takes rounds as they come.
     *
     * @param once whether to return when nothing more is settled; else it goes on until it is interrupted
     * @param listener told of every round
     * @return what it would wait for
     * @throws ClientException if Kafka or the registry fail, a newer job of the run has taken over, or no decision comes
     */
    public Round.Waiting run(boolean once, Listener listener) throws InterruptedException {
        long after = newestStep();
        while (true) {
            look();
            Round next = rounds.next(after);
            while (next instanceof Round.Settled settled) {
                if (settled.unseen() > 0) {
                    listener.unseen(settled.step(), settled.unseen());
                }
                listener.result(result(settled));
                after = settled.step();
                next = rounds.next(after);
            }
            if (once && next instanceof Round.Waiting waiting) {
                return waiting;
            }
            Thread.sleep(BETWEEN_LOOKS);
        }
    }

    @Override
    public void close() {
        // Clients that are closed by an interrupted thread throw, and leave the rest as it is.
        boolean interrupted = Thread.interrupted();
        try (files) {
            if (publisher != null) {
                publisher.close();
            }
            subscribers.values().forEach(Subscriber::close);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * The newest step of the run that the model's snapshots tell of; -1 without one. An accepted step that none has yet is
     * published again, as a duplicate.
     */
    private long newestStep() {
        AtomicLong newest = new AtomicLong(-1);
        try (Subscriber subscriber = Subscriber.open(connection, target.model())) {
            subscriber.changes(channel -> true, 0, (key, manifest) -> {
                for (Ingredient one : manifest == null ? List.<Ingredient>of() : manifest.getIngredients()) {
                    if (one.getRun().equals(target.run())) {
                        newest.accumulateAndGet(one.getStep(), Math::max);
                    }
                }
            });
        }
        return newest.get();
    }

    private void look() {
        subscribers.forEach((model, subscriber) -> {
            Set<String> channels = new HashSet<>();
            rounds.channels().stream()
                    .filter(channel -> channel.model().equals(model))
                    .forEach(channel -> channels.add(channel.name()));
            long since = looked.getOrDefault(model, 0L);
            looked.put(model, subscriber.changes(channels::contains, since, (key, manifest) -> {
                Source.Channel channel = new Source.Channel(model, key.getChannel());
                if (manifest == null) {
                    rounds.retired(channel, key.getVersion());
                } else {
                    rounds.complete(channel, key.getVersion(), manifest.getRun(), manifest.getStep());
                }
            }));
        });
    }

    private Result result(Round.Settled settled) throws InterruptedException {
        return switch (settled) {
            case Round.Skipped skipped -> new Result.Skipped(skipped.step(), skipped.reason());
            case Round.Ready ready -> result(ready);
        };
    }

    private Result result(Round.Ready round) throws InterruptedException {
        Round.Input gone = bring(round);
        if (gone != null) {
            return new Result.Skipped(round.step(), gone + " is no longer kept");
        }
        List<String> notes;
        try {
            notes = merging.merge(
                    paths(round.models()),
                    round.models().stream().map(Round.Input::step).toList(),
                    paths(round.sides()),
                    files.merged());
        } catch (IllegalArgumentException refused) {
            return new Result.Failed(round.step(), String.valueOf(refused.getMessage()));
        }
        try (SafetensorsFile merged = SafetensorsFile.open(files.merged())) {
            Outcome outcome = publisher(merged).publish(round.step(), WeightSource.of(merged));
            return outcome instanceof Outcome.Rejected rejected
                    ? new Result.Failed(round.step(), "rejected: " + rejected.reason())
                    : new Result.Published(round.step(), round.models(), round.sides(), notes, outcome);
        }
    }

    /** Brings the versions of a round; the one that is gone, or null. */
    private Round.@Nullable Input bring(Round.Ready round) {
        List<Round.Input> inputs = Stream.concat(round.models().stream(), round.sides().stream())
                .distinct()
                .toList();
        files.keep(new HashSet<>(paths(inputs)));
        for (Round.Input input : inputs) {
            if (!Files.exists(files.file(input)) && !download(input)) {
                return input;
            }
        }
        return null;
    }

    /** False if the version is no longer kept. */
    private boolean download(Round.Input input) {
        Subscriber subscriber =
                Objects.requireNonNull(subscribers.get(input.channel().model()));
        Optional<Manifest> manifest = subscriber.version(input.channel().name(), input.version());
        try {
            manifest.ifPresent(
                    found -> subscriber.download(found, files.file(input), Provenance.toMetadata(provenance(found))));
        } catch (ClientException failed) {
            if (failed.reason() == ClientException.Reason.RETIRED) {
                return false;
            }
            throw failed;
        }
        return manifest.isPresent();
    }

    private List<Path> paths(List<Round.Input> inputs) {
        List<Path> paths = new ArrayList<>();
        inputs.forEach(input -> paths.add(files.file(input)));
        return paths;
    }

    /** What the runs of the checkpoints that count in the version say alike; the baseline is no run, and says nothing. */
    private static SortedMap<String, String> provenance(Manifest manifest) {
        Set<String> runs = new TreeSet<>();
        manifest.getIngredients().stream()
                .filter(one -> one.getWeight() != 0 && !one.getRun().equals(BaselineRun.NAME))
                .forEach(one -> runs.add(one.getRun()));
        return Provenance.common(runs.stream()
                .map(run -> manifest.getProvenance().getOrDefault(run, Map.of()))
                .toList());
    }

    /** One of the run, opened with a merge, which says what its checkpoints hold and descend from. */
    private Publisher publisher(SafetensorsFile merged) {
        Map<String, String> descends = Provenance.ofMetadata(merged.metadata());
        if (publisher != null && !descends.equals(said)) {
            publisher.close();
            publisher = null;
        }
        if (publisher == null) {
            said = descends;
            publisher = Publisher.open(
                    connection, target.model(), target.run(), merged.layout(), target.patience(), Deltas.AUTO, said);
        }
        return publisher;
    }
}
