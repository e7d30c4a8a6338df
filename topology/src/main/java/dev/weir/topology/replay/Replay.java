package dev.weir.topology.replay;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.SnapshotKey;
import dev.weir.schemas.tensor.ContentDigest;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.merge.PartitionFold;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Folds a model's whole log again, apart from the running application: in no consumer group, from offset 0, with no
 * keyframe, writing to no topic. Partitions advance side by side from decision to decision, so that no more than the
 * snapshots of one decision are held.
 */
public final class Replay {
    private final Topics topics;
    private final RecordCodec codec;
    private final int partitions;
    private final int threads;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final Map<VersionId, Manifest> manifests;
    private final ExpectedChunks expected = new ExpectedChunks();
    private final Set<VersionId> reproduced = new HashSet<>();
    private final List<ReplayReport.Difference> differences = new ArrayList<>();

    /**
     * @param partitions partitions of deltas
     * @param threads how many partitions are folded at a time
     * @param consumers opens read_committed consumers that subscribe to nothing
     */
    public Replay(
            Topics topics,
            RecordCodec codec,
            int partitions,
            int threads,
            Supplier<Consumer<byte[], byte[]>> consumers) {
        this.topics = topics;
        this.codec = codec;
        this.partitions = partitions;
        this.threads = threads;
        this.consumers = consumers;
        this.manifests = new HashMap<>();
    }

    /**
     * Folds the log as it is now and compares every snapshot.
     *
     * @throws dev.weir.topology.store.FoldException when the log is cut or contradicts itself
     */
    public ReplayReport verify() throws InterruptedException {
        LogScan.of(
                consumers,
                topics.snapshots(),
                1,
                (record, value) -> {
                    if (record.value() == null) {
                        SnapshotKey key = codec.read(record.key(), SnapshotKey.class);
                        manifests.remove(new VersionId(key.getChannel(), key.getVersion()));
                    } else if (value instanceof Manifest manifest) {
                        manifests.put(new VersionId(manifest.getChannel(), manifest.getVersion()), manifest);
                    }
                },
                codec);
        long records = foldAgain();
        new MergedCheck(topics, codec, partitions, consumers, manifests, expected).run(differences);
        for (VersionId id : manifests.keySet()) {
            if (!reproduced.contains(id)) {
                differences.add(new ReplayReport.Difference(
                        id.channel(), id.version(), "", "has a manifest, but the log does not emit it"));
            }
        }
        differences.sort(Comparator.comparing(ReplayReport.Difference::channel)
                .thenComparingLong(ReplayReport.Difference::version)
                .thenComparing(ReplayReport.Difference::tensor));
        Set<VersionId> unequal = new HashSet<>();
        differences.forEach(difference -> unequal.add(new VersionId(difference.channel(), difference.version())));
        int equal = (int)
                manifests.keySet().stream().filter(id -> !unequal.contains(id)).count();
        return new ReplayReport(manifests.size(), equal, records, threads, List.copyOf(differences));
    }

    private long foldAgain() throws InterruptedException {
        List<PartitionReplay> replays = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            Map<TopicPartition, Long> ends = LogScan.ends(consumers, topics.deltas(), partitions);
            for (int partition = 0; partition < partitions; partition++) {
                TopicPartition source = new TopicPartition(topics.deltas(), partition);
                PartitionFold fold = new PartitionFold(topics.deltas(), partition, partitions, codec, Kernel.create());
                replays.add(new PartitionReplay(
                        PartitionLog.whole(source, consumers.get()), ends.getOrDefault(source, 0L), fold));
            }
            List<Callable<PartitionReplay.Emission>> advances = new ArrayList<>();
            replays.forEach(replay -> advances.add(replay::advance));
            while (true) {
                List<PartitionReplay.Emission> emissions = new ArrayList<>();
                for (Future<PartitionReplay.Emission> future : pool.invokeAll(advances)) {
                    PartitionReplay.Emission emission = result(future);
                    if (emission != null) {
                        emissions.add(emission);
                    }
                }
                if (emissions.size() < partitions) {
                    // The verdict is in every partition or not visible yet: what some lack is not complete.
                    return replays.stream().mapToLong(PartitionReplay::records).sum();
                }
                compare(emissions);
            }
        } finally {
            replays.forEach(PartitionReplay::close);
        }
    }

    private void compare(List<PartitionReplay.Emission> emissions) {
        for (VersionId id : emissions.get(0).versions()) {
            Manifest manifest = manifests.get(id);
            if (manifest == null) {
                continue;
            }
            reproduced.add(id);
            List<MergedChunk> chunks = emissions.stream()
                    .flatMap(emission -> emission.chunks().stream())
                    .filter(chunk -> chunk.getChannel().equals(id.channel()) && chunk.getVersion() == id.version())
                    .sorted(Comparator.comparingInt(MergedChunk::getChunk))
                    .toList();
            Layout layout = Layout.fromRecord(manifest.getLayout());
            List<TensorSpec> kept = layout.tensors().stream()
                    .filter(tensor -> !manifest.getSkipped().contains(tensor.name()))
                    .toList();
            ContentDigest digest = new ContentDigest(Layout.of(kept, layout.chunkElements()));
            for (MergedChunk chunk : chunks) {
                digest.update(chunk.getPayload());
                expected.add(id, chunk);
            }
            if (!MessageDigest.isEqual(digest.finish(), manifest.getDigest().bytes())) {
                differences.add(new ReplayReport.Difference(
                        id.channel(),
                        id.version(),
                        "",
                        "folding the log again gives another digest than its manifest has"));
            }
        }
    }

    static <T extends @Nullable Object> T result(Future<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }
}
