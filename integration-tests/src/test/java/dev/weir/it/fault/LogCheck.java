package dev.weir.it.fault;

import dev.weir.it.fixture.Reference;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.delta.ChunkDecoder;
import dev.weir.schemas.delta.Encoding;
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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Folds all that is committed of a model in plain loops: what was decided, whether anything is lost or there twice, and
 * whether every snapshot has the digest that follows from the log.
 */
final class LogCheck {
    private final CommittedLog log;
    private final long seed;
    private final List<String> lost = new ArrayList<>();
    private final List<String> twice = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();

    private LogCheck(CommittedLog log, long seed) {
        this.log = log;
        this.seed = seed;
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

    /**
     * Checks a log.
     *
     * @param seed what the runs published follows from it
     * @param acceptedSteps by run, the steps of which its trainer was told that they are accepted
     */
    static Findings check(CommittedLog log, long seed, Map<String, Set<Long>> acceptedSteps) {
        return new LogCheck(log, seed).check(acceptedSteps);
    }

    private Findings check(Map<String, Set<Long>> acceptedSteps) {
        List<Decision> decisions = decisions();
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
        int snapshots = snapshots(commits);
        acknowledgements(decisions);
        return new Findings(commits.size(), decisions.size() - commits.size(), snapshots, lost, twice, wrong);
    }

    /** The same decisions in every partition and in decisions, numbered without a gap. */
    private List<Decision> decisions() {
        List<Decision> first = only(log.deltas(0), Decision.class);
        for (int partition = 1; partition < log.partitions(); partition++) {
            if (!only(log.deltas(partition), Decision.class).equals(first)) {
                wrong.add("partitions 0 and " + partition + " have other decisions");
            }
        }
        if (!only(log.decisions(), Decision.class).equals(first)) {
            wrong.add("the topics deltas and decisions have other decisions");
        }
        long seq = 0;
        for (SpecificRecord record : log.deltas(0)) {
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
    private int snapshots(List<Decision> commits) {
        Map<String, Map<Integer, Chunk>> chunks = chunks();
        Map<String, Manifest> manifests = new HashMap<>();
        List<String> versions = new ArrayList<>();
        for (SpecificRecord value : log.snapshots()) {
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
        Map<String, Map<Integer, ByteBuffer>> bases = new HashMap<>();
        for (Decision decision : commits) {
            String id = decision.getRun() + " " + decision.getEpoch() + " " + decision.getStep();
            Map<Integer, ByteBuffer> base = bases.getOrDefault(decision.getRun() + " " + decision.getEpoch(), Map.of());
            Map<Integer, ByteBuffer> decoded = decoded(chunks.getOrDefault(id, Map.of()), base);
            bases.put(decision.getRun() + " " + decision.getEpoch(), decoded);
            Weights weights = assemble(decoded, bytes -> bytes);
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

    /** The plain bytes of a checkpoint's chunks, given those of the one accepted before in the same epoch. */
    private static Map<Integer, ByteBuffer> decoded(Map<Integer, Chunk> chunks, Map<Integer, ByteBuffer> base) {
        Map<Integer, ByteBuffer> decoded = new TreeMap<>();
        chunks.forEach((number, chunk) -> {
            ChunkSpec spec = Run.LAYOUT.chunk(number);
            // A decoder of its own, for what it returns is valid until its next call.
            try (ChunkDecoder decoder = new ChunkDecoder()) {
                decoded.put(
                        number,
                        decoder.decode(
                                Encoding.of(chunk.getEncoding()),
                                Run.LAYOUT.tensorOf(spec).dtype(),
                                base.get(number),
                                chunk.getPayload(),
                                spec.byteSize()));
            }
        });
        return decoded;
    }

    private void compare(
            String version, String expected, @Nullable Manifest manifest, Map<Integer, MergedChunk> chunks) {
        if (manifest == null) {
            lost.add("manifest of " + version);
            return;
        }
        if (!expected.equals(hex(manifest.getDigest().bytes()))) {
            wrong.add(version + ": its manifest has another digest than the fold of the log");
        }
        Weights emitted = assemble(chunks, MergedChunk::getPayload);
        if (emitted == null || !expected.equals(emitted.digest())) {
            wrong.add(version + ": its merged chunks have another digest than the fold of the log");
        }
    }

    /** Chunks by run, epoch and step. Between the epochs' fences and the duplicates, the first one counts. */
    private Map<String, Map<Integer, Chunk>> chunks() {
        Map<String, Map<Integer, Chunk>> chunks = new HashMap<>();
        for (int partition = 0; partition < log.partitions(); partition++) {
            only(log.deltas(partition), Chunk.class)
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
        for (int partition = 0; partition < log.partitions(); partition++) {
            for (SpecificRecord value : log.merged(partition)) {
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
        if (ends.size() != log.partitions() * versions.size()) {
            lost.add(ends.size() + " ends of " + versions.size() + " versions in " + log.partitions() + " partitions");
        }
        return merged;
    }

    /** Each partition says of each decision exactly once that it is applied. */
    private void acknowledgements(List<Decision> decisions) {
        List<String> applied = only(log.acks(), Applied.class).stream()
                .filter(one -> !one.getEmitted().isEmpty())
                .map(one -> "decision " + one.getSeq() + " by partition " + one.getPartition())
                .toList();
        expectOnce("application of", applied);
        Set<String> found = new HashSet<>(applied);
        for (Decision decision : decisions) {
            boolean emits = decision.getVerdict() == Verdict.COMMIT
                    && decision.getUpdates().stream().anyMatch(update -> update.getVersion() > 0);
            for (int partition = 0; emits && partition < log.partitions(); partition++) {
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

    /** Null: chunks are missing. */
    private static <C> @Nullable Weights assemble(Map<Integer, C> chunks, Function<C, ByteBuffer> payload) {
        if (chunks.size() != Run.LAYOUT.chunkCount()) {
            return null;
        }
        List<float[]> tensors = new ArrayList<>();
        Run.LAYOUT.tensors().forEach(tensor -> tensors.add(new float[(int) tensor.elements()]));
        chunks.forEach((number, chunk) -> {
            ChunkSpec spec = Run.LAYOUT.chunk(number);
            float[] values = floats(payload.apply(chunk));
            System.arraycopy(values, 0, tensors.get(spec.tensor()), (int) spec.firstElement(), values.length);
        });
        return new Weights(Run.LAYOUT, tensors);
    }

    private static float[] floats(ByteBuffer bytes) {
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
