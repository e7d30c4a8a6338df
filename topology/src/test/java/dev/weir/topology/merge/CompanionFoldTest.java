package dev.weir.topology.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Staged;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Companions;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Companions in the log of one partition: what the fold takes, what it refuses, and that nothing else moves an average. */
final class CompanionFoldTest {
    private static final Layout LAYOUT = Layout.of(
            List.of(
                    new TensorSpec("a", Dtype.F32, List.of(5L)),
                    new TensorSpec("b", Dtype.BF16, List.of(3L)),
                    new TensorSpec("c", Dtype.I64, List.of(2L))),
            4);
    private static final int WEIGHTS = LAYOUT.chunkCount();
    private static final Sha256 NONE = new Sha256(new byte[32]);
    private static final String PLAN =
            "{model: m, channels: [{name: fisher, operator: fisher}, {name: ema, operator: ema}]}";

    private final RecordCodec codec =
            Registry.connect("mock://companion-fold", Map.of()).codec();

    @Test
    void theOrderOfArrivalAndTheBudgetChangeNothingThatIsEmitted() {
        List<String> expected = emitted(log(null), Long.MAX_VALUE);
        assertThat(expected).hasSize(2 * 3 * (WEIGHTS + 1));
        for (int seed = 0; seed < 20; seed++) {
            for (long budgetBytes : List.of(0L, 30L, Long.MAX_VALUE)) {
                assertThat(emitted(log(new Random(seed)), budgetBytes))
                        .as("seed " + seed + " budget " + budgetBytes)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void whatComesTwiceChangesNothing() {
        List<SpecificRecord> log = log(null);
        List<SpecificRecord> twice = new ArrayList<>();
        for (SpecificRecord record : log) {
            twice.add(record);
            if (record instanceof Chunk) {
                twice.add(record);
            }
        }
        for (long budgetBytes : List.of(0L, Long.MAX_VALUE)) {
            Said said = new Said(codec);
            try (PartitionFold fold = folded(twice, budgetBytes, said)) {
                assertThat(fold.counters().snapshot()).containsEntry("duplicates", 3L * (WEIGHTS + 3));
            }
            assertThat(merged(said)).isEqualTo(emitted(log, budgetBytes));
        }
    }

    @Test
    void memoryOfCompanionsIsGivenBackWithTheDecision() {
        try (PartitionFold fold = folded(log(null), Long.MAX_VALUE, FoldOutput.NONE)) {
            long averages = fold.stateBytes();
            assertThat(averages).isLessThan(1000);
        }
        try (PartitionFold one = folded(log(null).subList(0, 2 + WEIGHTS + 3 + 2), Long.MAX_VALUE, FoldOutput.NONE);
                PartitionFold three = folded(log(null), Long.MAX_VALUE, FoldOutput.NONE)) {
            assertThat(three.stateBytes()).as("the same pool, used again").isEqualTo(one.stateBytes());
        }
    }

    @Test
    void badCompanionsRejectTheirCheckpointByName() {
        assertThat(failure(numbers(0, Float.NaN)))
                .startsWith(
                        "companion: companion 1 of tensor a chunk 0 element 3 is NaN; allowed: finite numbers from 0");
        assertThat(failure(numbers(0, -0.5f))).contains("element 3 is -0.5; allowed: finite numbers from 0");
        assertThat(failure(numbers(0, Float.POSITIVE_INFINITY))).contains("element 3 is Infinity");
        assertThat(failure(chunk(1, WEIGHTS, ByteBuffer.allocate(12), 0)))
                .contains("size: companion 1 of tensor a chunk 0 has 12 bytes, an f32 for each element takes 16");
        assertThat(failure(chunk(1, WEIGHTS + 2, ByteBuffer.allocate(6), 0)))
                .as("as wide as the weights")
                .contains("size: companion 1 of tensor b chunk 2 has 6 bytes, an f32 for each element takes 12");
        assertThat(failure(chunk(1, WEIGHTS + 3, ByteBuffer.allocate(8), 0)))
                .contains(
                        "companion 1 of tensor c chunk 3 of dtype I64 has encoding 0; allowed: companions of float tensors");
        assertThat(failure(chunk(1, WEIGHTS, ByteBuffer.allocate(16), 1))).contains("has encoding 1; allowed");
        assertThat(failure(chunk(1, (Companions.MAX + 1) * WEIGHTS, ByteBuffer.allocate(16), 0)))
                .contains("chunk: number 36 does not belong to partition 0 of 1; the layout has 4 chunks");
        ByteBuffer sound = numbers(0, 1).getPayload();
        Chunk damaged = new Chunk(1, "r", 1L, 1L, LAYOUT.hashRecord(), WEIGHTS, 0, -1L, 7, sound);
        assertThat(failure(damaged)).contains("digest: companion 1 of tensor a chunk 0 has CRC-32C");
        assertThat(failure(numbers(0, 1), numbers(0, 2)))
                .contains("conflict: companion 1 of tensor a chunk 0 came twice with other bytes");
    }

    @Test
    void anEndThatNamesOtherCompanionsThanCameRejectsTheCheckpoint() {
        assertThat(failure(end(1, 3, List.of("fisher"), false)))
                .contains("incomplete: partition 0 holds 4 of 7 chunks");
        assertThat(failure(end(1, 0, List.of("fisher"), false)))
                .contains("incomplete: partition 0 was given 4 chunks, the layout with companions [fisher] has 7");
        List<SpecificRecord> unnamed = new ArrayList<>(companion(1, 2));
        unnamed.add(end(1, 3, List.of("fisher"), true));
        assertThat(failure(unnamed.toArray(SpecificRecord[]::new)))
                .as("the first companion is named, the second came")
                .contains("incomplete: ", "numbered below 8");
        assertThat(failure(end(1, 0, List.of("no name"), false)))
                .contains("companion: companion \"no name\"; allowed names");
        assertThat(failure(end(1, 0, List.of("a", "a"), false)))
                .contains("companion: 2 companions [a, a]; allowed: up to 8");
    }

    /** Three checkpoints, all accepted. */
    private List<SpecificRecord> log(@Nullable Random random) {
        List<SpecificRecord> log = opened();
        for (long step = 1; step <= 3; step++) {
            List<SpecificRecord> chunks = new ArrayList<>(weights(step));
            chunks.addAll(companion(step, 1));
            if (random != null) {
                Collections.shuffle(chunks, random);
            }
            log.addAll(chunks);
            log.add(end(step, 3, List.of("fisher"), false));
            List<ChannelUpdate> updates = List.of(
                    new ChannelUpdate("fisher", List.of(step - 1.0, 1.0, 0.5, 1.0, (double) step), step, 0L, List.of()),
                    new ChannelUpdate("ema", List.of(step == 1 ? 1.0 : 0.5), step, 0L, List.of()));
            log.add(new Decision(
                    1,
                    step + 1,
                    "r",
                    1L,
                    step,
                    Verdict.COMMIT,
                    "",
                    LAYOUT.hashRecord(),
                    NONE,
                    updates,
                    Map.of(),
                    Map.of(),
                    List.of("fisher"),
                    Map.of()));
        }
        return log;
    }

    private static List<SpecificRecord> opened() {
        return new ArrayList<>(List.of(
                new Plan(1, 1L, "p", PLAN, ""),
                new Open(1, "r", 1L, LAYOUT.hashRecord(), LAYOUT.toRecord(), false, Map.of())));
    }

    /** Why the checkpoint of these records behind its weights is refused. */
    private String failure(SpecificRecord... records) {
        List<SpecificRecord> log = opened();
        log.addAll(weights(1));
        log.addAll(List.of(records));
        List<String> failures = new ArrayList<>();
        folded(log, Long.MAX_VALUE, new Failures(failures)).close();
        return failures.isEmpty() ? "none" : failures.getFirst();
    }

    private static List<Chunk> weights(long step) {
        List<Chunk> chunks = new ArrayList<>();
        for (int number = 0; number < WEIGHTS; number++) {
            chunks.add(chunk(step, number, bytes(step, number), 0));
        }
        return chunks;
    }

    private static List<Chunk> companion(long step, int companion) {
        List<Chunk> chunks = new ArrayList<>();
        for (int number = 0; number < WEIGHTS - 1; number++) {
            int own = Companions.number(LAYOUT, companion, number);
            chunks.add(chunk(step, own, bytes(step, own), 0));
        }
        return chunks;
    }

    /** @param second whether the chunks that it counts are the second companion's */
    private static End end(long step, int companionChunks, List<String> names, boolean second) {
        TreeMap<Integer, Integer> crcs = new TreeMap<>();
        weights(step).forEach(chunk -> crcs.put(chunk.getChunk(), chunk.getCrc32c()));
        companion(step, second ? 2 : 1).stream()
                .limit(companionChunks)
                .forEach(chunk -> crcs.put(chunk.getChunk(), chunk.getCrc32c()));
        PartDigest digest = new PartDigest();
        crcs.forEach(digest::add);
        int count = digest.count();
        return new End(1, "r", 1L, step, LAYOUT.hashRecord(), 0, count, new Sha256(digest.finish()), NONE, names);
    }

    /** The first companion's numbers for chunk 0, with this one at last. */
    private static Chunk numbers(int number, float last) {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putFloat(12, last);
        return chunk(1, WEIGHTS + number, bytes, 0);
    }

    private static Chunk chunk(long step, int number, ByteBuffer bytes, int encoding) {
        return new Chunk(1, "r", 1L, step, LAYOUT.hashRecord(), number, encoding, -1L, Crc.crc32c(bytes), bytes);
    }

    private static ByteBuffer bytes(long step, int number) {
        boolean beside = number >= WEIGHTS;
        var spec = LAYOUT.chunk(number % WEIGHTS);
        ByteBuffer bytes = ByteBuffer.allocate(beside ? Companions.byteSize(spec) : spec.byteSize())
                .order(ByteOrder.LITTLE_ENDIAN);
        boolean bf16 = !beside && LAYOUT.tensorOf(spec).dtype() == Dtype.BF16;
        while (bytes.hasRemaining()) {
            if (bf16) {
                bytes.putShort((short) (0x3f00 + 16 * step + bytes.position()));
            } else {
                bytes.putFloat((float) Math.abs(Math.sin(step * 3.1 + number * 7.7 + bytes.position())));
            }
        }
        return bytes.rewind();
    }

    private List<String> emitted(List<SpecificRecord> log, long budgetBytes) {
        Said said = new Said(codec);
        folded(log, budgetBytes, said).close();
        return merged(said);
    }

    private static List<String> merged(Said said) {
        return said.lines.stream()
                .filter(line -> line.startsWith("fisher") || line.startsWith("ema") || line.contains("\"part\""))
                .filter(line -> !line.contains("emitted"))
                .toList();
    }

    private PartitionFold folded(List<SpecificRecord> log, long budgetBytes, FoldOutput out) {
        List<byte[]> values = log.stream().map(codec::write).toList();
        Refetch rereads = new Refetch() {
            @Override
            public void read(SortedSet<Long> offsets, Reader reader) {
                offsets.forEach(offset -> reader.read(offset, values.get(offset.intValue()), new RecordHeaders()));
            }

            @Override
            public void close() {}
        };
        PartitionFold fold = new PartitionFold(
                "m.deltas",
                0,
                1,
                codec,
                Kernel.create(),
                null,
                null,
                new StagingBudget(budgetBytes, rereads),
                Foresight.none());
        for (int offset = 0; offset < values.size(); offset++) {
            fold.apply(new byte[1], values.get(offset), new RecordHeaders(), offset, 0, out);
        }
        return fold;
    }

    /** The failures of what is staged. */
    private static final class Failures implements FoldOutput {
        private final List<String> failures;

        private Failures(List<String> failures) {
            this.failures = failures;
        }

        @Override
        public void ack(SpecificRecord ack) {
            if (ack instanceof Staged staged && !staged.getFailure().isEmpty()) {
                failures.add(staged.getFailure());
            }
        }

        @Override
        public void merged(MergedChunk chunk) {}

        @Override
        public void ended(MergedEnd end) {}

        @Override
        public void retired(String channel, long version, int chunk) {}

        @Override
        public void keyframe(KeyframeKey key, @Nullable SpecificRecord value) {}

        @Override
        public void dropped(String reason, String detail) {}
    }
}
