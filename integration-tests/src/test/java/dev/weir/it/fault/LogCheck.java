package dev.weir.it.fault;

import dev.weir.it.fixture.Reference;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads all that is committed of a model and folds it in plain loops: what was decided, whether anything is lost or there
 * twice, and whether every snapshot has the digest that follows from the log.
 */
final class LogCheck {
    private final Cluster cluster;
    private final RecordCodec codec;
    private final Topics topics;
    private final int partitions;
    private final List<String> lost = new ArrayList<>();
    private final List<String> twice = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();

    LogCheck(Cluster cluster, RecordCodec codec, Topics topics, int partitions) {
        this.cluster = cluster;
        this.codec = codec;
        this.topics = topics;
        this.partitions = partitions;
    }

    /**
     * What was found.
     *
     * @param committed checkpoints that were accepted
     * @param refused checkpoints that were not
     * @param snapshots manifests
     * @param lost what should be there and is not
     * @param twice what is there more than once
     * @param wrong what is not as the log has it
     */
    record Findings(
            int committed, int refused, int snapshots, List<String> lost, List<String> twice, List<String> wrong) {}

    /** @param acceptedSteps by run, the steps of which its trainer was told that they are accepted */
    Findings check(long seed, Map<String, Set<Long>> acceptedSteps) {
        List<List<SpecificRecord>> deltas = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            deltas.add(values(topics.deltas(), partition));
        }
        List<Decision> decisions = decisions(deltas);
        List<Decision> commits = decisions.stream()
                .filter(decision -> decision.getVerdict() == Verdict.COMMIT)
                .toList();
        expectOnce(
                "commit of",
                commits.stream().map(one -> one.getRun() + " " + one.getStep()).toList());
        Set<String> committed = new HashSet<>();
        commits.forEach(one -> committed.add(one.getRun() + " " + one.getStep()));
        acceptedSteps.forEach((run, steps) -> steps.forEach(step -> {
            if (!committed.contains(run + " " + step)) {
                lost.add("commit of " + run + " " + step);
            }
        }));
        for (String one : committed) {
            String[] words = one.split(" ");
            if (!acceptedSteps.getOrDefault(words[0], Set.of()).contains(Long.parseLong(words[1]))) {
                wrong.add(one + " was committed, but its trainer was not told so");
            }
        }
        int snapshots = snapshots(seed, deltas, commits);
        acknowledgements(decisions);
        return new Findings(commits.size(), decisions.size() - commits.size(), snapshots, lost, twice, wrong);
    }

    /** The same decisions in every partition and in decisions, numbered without a gap. */
    private List<Decision> decisions(List<List<SpecificRecord>> deltas) {
        List<Decision> first = only(deltas.get(0), Decision.class);
        for (int partition = 1; partition < partitions; partition++) {
            if (!only(deltas.get(partition), Decision.class).equals(first)) {
                wrong.add("partitions 0 and " + partition + " have other decisions");
            }
        }
        if (!only(values(topics.decisions(), 0), Decision.class).equals(first)) {
            wrong.add("the topics deltas and decisions have other decisions");
        }
        long seq = 0;
        for (SpecificRecord record : deltas.get(0)) {
            if (record instanceof Decision || record instanceof Plan) {
                long next = record instanceof Decision decision ? decision.getSeq() : ((Plan) record).getSeq();
                if (next != ++seq) {
                    (next > seq ? lost : twice).add("decision " + seq + ": " + next + " is in its place");
                    seq = next;
                }
            }
        }
        return first;
    }

    /** Folds the accepted checkpoints, compares each due version with its manifest and its merged chunks. */
    private int snapshots(long seed, List<List<SpecificRecord>> deltas, List<Decision> commits) {
        Map<String, Map<Integer, Chunk>> chunks = chunks(deltas);
        Map<String, Manifest> manifests = new HashMap<>();
        List<String> versions = new ArrayList<>();
        for (SpecificRecord value : values(topics.snapshots(), 0)) {
            if (value instanceof Manifest manifest) {
                String version = manifest.getChannel() + "/" + manifest.getVersion();
                versions.add(version);
                manifests.put(version, manifest);
            }
        }
        expectOnce("manifest of", versions);
        Map<String, Map<Integer, MergedChunk>> merged = merged(versions);
        Reference ema = Reference.ema(0.9);
        RunningMean mean = new RunningMean();
        Set<String> due = new HashSet<>();
        for (Decision decision : commits) {
            String id = decision.getRun() + " " + decision.getEpoch() + " " + decision.getStep();
            Weights weights = assemble(chunks.getOrDefault(id, Map.of()));
            String digest = weights == null ? "" : weights.digest();
            if (weights == null
                    || !digest.equals(hex(decision.getCheckpointDigest().bytes()))) {
                wrong.add("checkpoint " + id + ": its chunks in the log do not have its digest");
                return versions.size();
            }
            if (!digest.equals(
                    Run.weights(seed, decision.getRun(), decision.getStep()).digest())) {
                wrong.add("checkpoint " + id + " is not what its trainer sent");
            }
            Weights averaged = ema.add(weights);
            mean.add(weights);
            for (ChannelUpdate update : decision.getUpdates()) {
                if (update.getVersion() > 0) {
                    String version = update.getChannel() + "/" + update.getVersion();
                    due.add(version);
                    String expected =
                            update.getChannel().equals("mean") ? mean.mean().digest() : averaged.digest();
                    compare(version, expected, manifests.get(version), merged.getOrDefault(version, Map.of()));
                }
            }
        }
        versions.stream()
                .filter(version -> !due.contains(version))
                .forEach(version -> wrong.add(version + " is not due"));
        return versions.size();
    }

    private void compare(String version, String expected, Manifest manifest, Map<Integer, MergedChunk> chunks) {
        if (manifest == null) {
            lost.add("manifest of " + version);
            return;
        }
        if (!expected.equals(hex(manifest.getDigest().bytes()))) {
            wrong.add(version + ": its manifest has another digest than the fold of the log");
        }
        Weights emitted = assembleMerged(chunks);
        if (emitted == null || !expected.equals(emitted.digest())) {
            wrong.add(version + ": its merged chunks have another digest than the fold of the log");
        }
    }

    /** Chunks by run, epoch and step. Between the epochs' fences and the duplicates, the first one counts. */
    private static Map<String, Map<Integer, Chunk>> chunks(List<List<SpecificRecord>> deltas) {
        Map<String, Map<Integer, Chunk>> chunks = new HashMap<>();
        for (List<SpecificRecord> partition : deltas) {
            only(partition, Chunk.class)
                    .forEach(chunk -> chunks.computeIfAbsent(
                                    chunk.getRun() + " " + chunk.getEpoch() + " " + chunk.getStep(),
                                    key -> new TreeMap<>())
                            .putIfAbsent(chunk.getChunk(), chunk));
        }
        return chunks;
    }

    private Map<String, Map<Integer, MergedChunk>> merged(List<String> versions) {
        Map<String, Map<Integer, MergedChunk>> merged = new HashMap<>();
        List<String> names = new ArrayList<>();
        List<String> ends = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            for (SpecificRecord value : values(topics.merged(), partition)) {
                if (value instanceof MergedChunk chunk) {
                    String version = chunk.getChannel() + "/" + chunk.getVersion();
                    names.add(version + " chunk " + chunk.getChunk());
                    merged.computeIfAbsent(version, key -> new TreeMap<>()).put(chunk.getChunk(), chunk);
                } else if (value instanceof MergedEnd end) {
                    ends.add(end.getChannel() + "/" + end.getVersion() + " partition "
                            + end.getPart().getPartition());
                }
            }
        }
        expectOnce("merged", names);
        expectOnce("end of", ends);
        if (ends.size() != partitions * versions.size()) {
            lost.add(ends.size() + " ends of " + versions.size() + " versions in " + partitions + " partitions");
        }
        return merged;
    }

    /** Each partition says of each decision exactly once that it is applied. */
    private void acknowledgements(List<Decision> decisions) {
        List<String> applied = only(values(topics.acks(), 0), Applied.class).stream()
                .filter(one -> !one.getEmitted().isEmpty())
                .map(one -> "decision " + one.getSeq() + " by partition " + one.getPartition())
                .toList();
        expectOnce("application of", applied);
        Set<String> found = new HashSet<>(applied);
        for (Decision decision : decisions) {
            boolean emits = decision.getVerdict() == Verdict.COMMIT
                    && decision.getUpdates().stream().anyMatch(update -> update.getVersion() > 0);
            for (int partition = 0; emits && partition < partitions; partition++) {
                if (!found.contains("decision " + decision.getSeq() + " by partition " + partition)) {
                    lost.add("application of decision " + decision.getSeq() + " by partition " + partition);
                }
            }
        }
    }

    private void expectOnce(String what, List<String> names) {
        Set<String> before = new HashSet<>();
        names.stream().filter(name -> !before.add(name)).forEach(name -> twice.add(what + " " + name));
    }

    private static Weights assemble(Map<Integer, Chunk> chunks) {
        Map<Integer, float[]> values = new TreeMap<>();
        chunks.forEach((number, chunk) -> values.put(number, floats(chunk.getPayload())));
        return weights(values);
    }

    private static Weights assembleMerged(Map<Integer, MergedChunk> chunks) {
        Map<Integer, float[]> values = new TreeMap<>();
        chunks.forEach((number, chunk) -> values.put(number, floats(chunk.getPayload())));
        return weights(values);
    }

    private static Weights weights(Map<Integer, float[]> chunks) {
        if (chunks.size() != Run.LAYOUT.chunkCount()) {
            return null;
        }
        List<float[]> tensors = new ArrayList<>();
        Run.LAYOUT.tensors().forEach(tensor -> tensors.add(new float[(int) tensor.elements()]));
        chunks.forEach((number, values) -> {
            ChunkSpec spec = Run.LAYOUT.chunk(number);
            System.arraycopy(values, 0, tensors.get(spec.tensor()), (int) spec.firstElement(), values.length);
        });
        return new Weights(Run.LAYOUT, tensors);
    }

    private static float[] floats(java.nio.ByteBuffer bytes) {
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static <T> List<T> only(List<SpecificRecord> records, Class<T> type) {
        return records.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Every committed value of a partition, in order; tombstones are left out. */
    private List<SpecificRecord> values(String topic, int partition) {
        List<SpecificRecord> values = new ArrayList<>();
        TopicPartition source = new TopicPartition(topic, partition);
        try (Consumer<byte[], byte[]> consumer = cluster.connection().consumer("read_committed", Map.of())) {
            consumer.assign(List.of(source));
            consumer.seekToBeginning(List.of(source));
            long end = consumer.endOffsets(List.of(source)).get(source);
            long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
            while (consumer.position(source) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.value() != null) {
                        values.add(codec.read(record.value(), record.headers(), false));
                    }
                }
                if (System.nanoTime() > deadline) {
                    throw new AssertionError(source + " can not be read to its end " + end);
                }
            }
        }
        return values;
    }

    /** An f64 sum in decision order, divided once, rounded to f32. */
    private static final class RunningMean {
        private final List<double[]> sums = new ArrayList<>();
        private int count;

        void add(Weights weights) {
            for (int t = 0; t < weights.tensors().size(); t++) {
                float[] values = weights.tensors().get(t);
                if (count == 0) {
                    sums.add(new double[values.length]);
                }
                for (int i = 0; i < values.length; i++) {
                    sums.get(t)[i] += values[i];
                }
            }
            count++;
        }

        Weights mean() {
            List<float[]> tensors = new ArrayList<>();
            for (double[] sum : sums) {
                float[] out = new float[sum.length];
                for (int i = 0; i < out.length; i++) {
                    out[i] = (float) (sum[i] / count);
                }
                tensors.add(out);
            }
            return new Weights(Run.LAYOUT, tensors);
        }
    }
}
