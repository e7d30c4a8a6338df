package dev.weir.cli.after;

import dev.weir.cli.ProgressLine;
import dev.weir.cli.WeirException;
import dev.weir.clients.Connection;
import dev.weir.clients.subscribe.Switching;
import dev.weir.clients.subscribe.VersionDirectory;
import dev.weir.operators.Bcwi;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.safetensors.UnfinishedFiles;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.replay.BeginningGoneException;
import dev.weir.topology.replay.PlannedReplay;
import dev.weir.topology.store.FoldException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;

/** Folds a model's log into the channels of another plan and lays their versions out as pulls do, a directory a channel. */
public final class PlanReplay {

    /**
     * A version that was written.
     *
     * @param manifest what it is
     * @param path its directory
     */
    public record Version(Manifest manifest, Path path) {}

    /**
     * What came of it.
     *
     * @param report what was folded
     * @param versions in the order in which they came
     */
    public record Outcome(PlannedReplay.Report report, List<Version> versions) {}

    private final Connection connection;
    private final RecordCodec codec;
    private final Map<String, ?> tuning;
    private final int threads;

    /** @param tuning settings of the consumers that read the log */
    public PlanReplay(Connection connection, RecordCodec codec, Map<String, ?> tuning, int threads) {
        this.connection = connection;
        this.codec = codec;
        this.tuning = tuning;
        this.threads = threads;
    }

    /**
     * Folds and writes.
     *
     * @param plan the other plan
     * @param channels those that are wanted; empty: all
     * @param all whether every version of a channel is; else its newest
     * @param fromRetained whether what is left of a log is folded whose beginning is gone
     * @param out directory of the channels' directories
     */
    public Outcome run(Plan plan, Set<String> channels, boolean all, boolean fromRetained, Path out)
            throws InterruptedException {
        Plan kept = kept(plan, channels);
        Set<String> wanted = new HashSet<>(channels);
        if (wanted.isEmpty()) {
            kept.channels().forEach(channel -> wanted.add(channel.name()));
        }
        int partitions;
        try (Consumer<byte[], byte[]> consumer = connection.consumer("read_committed", Map.of())) {
            partitions = connection.partitionsOf(plan.model(), consumer);
        }
        PlannedReplay replay = new PlannedReplay(
                Connection.topics(plan.model()),
                codec,
                partitions,
                threads,
                () -> connection.consumer("read_committed", tuning));
        List<Version> versions = new ArrayList<>();
        Path work = UnfinishedFiles.add(out.resolve(".replay-" + UUID.randomUUID()));
        try (ProgressLine progress = ProgressLine.of("replay of " + plan.model())) {
            progress.follow(replay::done);
            Files.createDirectories(work);
            PlannedReplay.Report report = replay.run(
                    kept,
                    wanted,
                    all,
                    fromRetained,
                    work,
                    (manifest, weights) -> versions.add(install(manifest, weights, out)));
            return new Outcome(report, versions);
        } catch (IOException unwritable) {
            throw new WeirException(
                    "directory " + out, "cannot be written (" + unwritable.getMessage() + ")", "", "", unwritable);
        } catch (BeginningGoneException gone) {
            throw new WeirException(
                    "replay of " + plan.model(),
                    String.valueOf(gone.getMessage()),
                    "",
                    "to fold from decision " + gone.retained().firstSeq()
                            + " on, which is no average over the whole run, add --from-retained",
                    gone);
        } catch (FoldException refused) {
            throw new WeirException("replay of " + plan.model(), String.valueOf(refused.getMessage()), "", "", refused);
        } finally {
            delete(work);
        }
    }

    /** The plan without the channels that nobody asked for, and without its gate, which holds nothing back here. */
    private static Plan kept(Plan plan, Set<String> channels) {
        Set<String> needed = new HashSet<>(channels);
        for (ChannelPlan channel : plan.channels()) {
            if (channels.contains(channel.name()) && channel.create() instanceof Bcwi bcwi) {
                needed.add(bcwi.from());
            }
        }
        List<ChannelPlan> kept = plan.channels().stream()
                .filter(channel -> needed.isEmpty() || needed.contains(channel.name()))
                .toList();
        return new Plan(plan.model(), kept, plan.tensors(), null, plan.inputWaitMs(), plan.scoreWaitMs());
    }

    private static Version install(Manifest manifest, Path weights, Path out) {
        Path directory = out.resolve(manifest.getChannel());
        Path path = new VersionDirectory(directory).install(manifest, Switching.TO_THIS, file -> move(weights, file));
        return new Version(manifest, directory.resolve(path.getFileName()));
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void delete(Path work) {
        if (!Files.isDirectory(work)) {
            return;
        }
        try (Stream<Path> left = Files.list(work)) {
            for (Path file : left.toList()) {
                Files.delete(file);
            }
            Files.delete(work);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
