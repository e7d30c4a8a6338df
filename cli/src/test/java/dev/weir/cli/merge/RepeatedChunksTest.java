package dev.weir.cli.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.Checkpoint;
import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operator;
import dev.weir.operators.Operators;
import dev.weir.operators.Progress;
import dev.weir.operators.Step;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import dev.weir.topology.merge.FoldOutput;
import dev.weir.topology.merge.PartitionFold;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Layers that are frozen for a while, of every dtype: the fold of a log in which they travel as markers or in full, from two
 * runs, has the bytes of the offline merge of the files.
 */
final class RepeatedChunksTest {
    private static final Layout LAYOUT = Layout.of(List.of(
            new TensorSpec("bf16", Dtype.BF16, List.of(250_001L)),
            new TensorSpec("f16", Dtype.F16, List.of(1_001L)),
            new TensorSpec("f32", Dtype.F32, List.of(2L, 130_001L)),
            new TensorSpec("f64", Dtype.F64, List.of(130_001L)),
            new TensorSpec("f8", Dtype.F8_E4M3, List.of(1_003L)),
            new TensorSpec("i64", Dtype.I64, List.of(11L))));
    private static final Map<String, Operator> CHANNELS = Map.of(
            "ema", Operators.create("ema", Map.of("decay", 0.9)),
            "late", Operators.create("ema", Map.of("decay", 0.97, "warm-up", true, "start", 6)),
            "mean", Operators.create("online-ensemble", Map.of("weighting", "linear")));
    private static final String PLAN = "{model: m, channels: [{name: ema, operator: ema, settings: {decay: 0.9}},"
            + "{name: late, operator: ema, settings: {decay: 0.97, warm-up: true, start: 6}},"
            + "{name: mean, operator: online-ensemble, settings: {weighting: linear}}]}";
    private static final int CHECKPOINTS = 24;
    /** The first chunk of f32, which once gets other bytes with the same checksum, and stays so for a while. */
    private static final int COLLIDING = 3;

    private static final Sha256 CONTENT = new Sha256(new byte[32]);
    private static final long SEED = Long.getLong("weir.seed", System.nanoTime());

    @TempDir
    Path folder;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final RecordCodec codec =
            Registry.connect("mock://repeated-chunks", Map.of()).codec();
    /** Of each checkpoint, its chunks. */
    private final List<List<ByteBuffer>> checkpoints = new ArrayList<>();

    private int offset;

    @Test
    void streamAndFilesGiveTheSameBytesWhateverStaysTheSame() throws Exception {
        System.out.println("RepeatedChunksTest: -Dweir.seed=" + SEED);
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < CHECKPOINTS; i++) {
            checkpoints.add(checkpoint());
            files.add(write(checkpoints.getLast(), folder.resolve(i + ".safetensors")));
        }
        Map<String, ByteBuffer> emitted = stream();
        for (Map.Entry<String, Operator> channel : CHANNELS.entrySet()) {
            boolean differs = false;
            for (int count : List.of(9, 17, CHECKPOINTS)) {
                Path merged = folder.resolve(channel.getKey());
                List<Long> steps = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    steps.add((long) i);
                }
                new OfflineMerge(channel.getValue(), List.of(), 2).merge(files.subList(0, count), steps, merged);
                List<ByteBuffer> stream = new ArrayList<>();
                for (int number = 0; number < LAYOUT.chunkCount(); number++) {
                    stream.add(java.util.Objects.requireNonNull(emitted.get(channel.getKey() + count + "/" + number)));
                }
                assertThat(Files.mismatch(merged, write(stream, folder.resolve("stream"))))
                        .as(channel.getKey() + " over " + count)
                        .isEqualTo(-1);
                differs |= !stream.equals(stepByStep(channel.getValue(), count));
            }
            assertThat(differs).as("nothing ever waited in " + channel.getKey()).isTrue();
        }
    }

    /** Each chunk is the last one, one of long ago, new, or the last one but for an element. */
    private List<ByteBuffer> checkpoint() {
        List<ByteBuffer> chunks = new ArrayList<>();
        for (int number = 0; number < LAYOUT.chunkCount(); number++) {
            ChunkSpec chunk = LAYOUT.chunk(number);
            Dtype dtype = LAYOUT.tensorOf(chunk).dtype();
            int any = random.nextInt(20);
            if (chunk.index() == COLLIDING && checkpoints.size() >= 12 && checkpoints.size() < 15) {
                ByteBuffer last = checkpoints.getLast().get(number);
                chunks.add(checkpoints.size() == 12 ? sameChecksum(last) : last);
                continue;
            }
            if (checkpoints.isEmpty() || any == 0) {
                chunks.add(fresh(chunk, dtype));
                continue;
            }
            ByteBuffer last = checkpoints.getLast().get(number);
            if (any == 1) {
                chunks.add(checkpoints.get(random.nextInt(checkpoints.size())).get(number));
            } else if (any == 2 || any == 3) {
                ByteBuffer changed = copy(last);
                int at = (chunk.elements() - 1 - random.nextInt(Math.min(chunk.elements(), 3))) * dtype.bytes();
                changed.put(at, (byte) (changed.get(at) ^ 1));
                chunks.add(changed);
            } else {
                chunks.add(last);
            }
        }
        return chunks;
    }

    /**
     * Other bytes with the same CRC-32C: the 33 bits of its generator are added. The first bit that it reads, the lowest of the
     * first byte, has the highest power. In f32 they change an exponent by 10 at most.
     */
    private static ByteBuffer sameChecksum(ByteBuffer last) {
        ByteBuffer changed = copy(last);
        long pattern = 1 | Integer.toUnsignedLong(Integer.reverse(0x1EDC6F41)) << 1;
        for (int i = 0; i < 5; i++) {
            changed.put(i, (byte) (changed.get(i) ^ (pattern >>> 8 * i)));
        }
        assertThat(Crc.crc32c(changed)).isEqualTo(Crc.crc32c(last));
        assertThat(changed).isNotEqualTo(last);
        return changed;
    }

    private ByteBuffer fresh(ChunkSpec chunk, Dtype dtype) {
        ByteBuffer bytes = ByteBuffer.allocate(chunk.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            double value = random.nextDouble(-1, 1);
            switch (dtype) {
                case BF16 -> bytes.putShort((short) (Float.floatToIntBits((float) value) >> 16));
                case F16 -> bytes.putShort(Float.floatToFloat16((float) value));
                case F32 -> bytes.putFloat((float) value);
                case F64 -> bytes.putDouble(value);
                case I64 -> bytes.putLong(random.nextLong());
                default -> bytes.put((byte) random.nextInt(0x70));
            }
        }
        return bytes.flip();
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(bytes.duplicate())
                .flip();
    }

    /** What the fold emits, by channel and version, slash, chunk. */
    private Map<String, ByteBuffer> stream() {
        Emissions emissions = new Emissions();
        try (PartitionFold fold = new PartitionFold("m.deltas", 0, 1, codec, Kernel.create())) {
            append(fold, new Plan(1, 1L, "p", PLAN, ""), emissions);
            append(fold, open("differences", true), emissions);
            append(fold, open("full", false), emissions);
            Map<String, Progress> progress = new HashMap<>();
            int base = -1;
            for (int i = 0; i < CHECKPOINTS; i++) {
                boolean differences = random.nextInt(3) > 0;
                String run = differences ? "differences" : "full";
                publish(fold, run, i, differences ? base : -1, emissions);
                base = differences ? i : base;
                List<ChannelUpdate> updates = new ArrayList<>();
                for (Map.Entry<String, Operator> channel : CHANNELS.entrySet()) {
                    Step step = channel.getValue()
                            .step(
                                    progress.getOrDefault(channel.getKey(), Progress.START),
                                    new Checkpoint(i + 1L, "merge", i));
                    progress.put(channel.getKey(), step.next());
                    updates.add(new ChannelUpdate(channel.getKey(), step.coefficients(), i + 1L, 0L, List.of()));
                }
                append(
                        fold,
                        new Decision(
                                1,
                                i + 2L,
                                run,
                                1L,
                                (long) i,
                                Verdict.COMMIT,
                                "",
                                LAYOUT.hashRecord(),
                                CONTENT,
                                updates,
                                Map.of(),
                                Map.of(),
                                List.of(),
                                Map.of()),
                        emissions);
            }
        }
        return emissions.merged;
    }

    private static Open open(String run, boolean deltas) {
        return new Open(1, run, 1L, LAYOUT.hashRecord(), LAYOUT.toRecord(), deltas, Map.of());
    }

    /** @param base the checkpoint that markers refer to; -1: none do */
    private void publish(PartitionFold fold, String run, int step, int base, FoldOutput out) {
        PartDigest digest = new PartDigest();
        for (int number = 0; number < LAYOUT.chunkCount(); number++) {
            ByteBuffer bytes = checkpoints.get(step).get(number);
            boolean marker = base >= 0 && bytes.equals(checkpoints.get(base).get(number));
            int crc = Crc.crc32c(bytes);
            digest.add(number, crc);
            Encoding encoding = marker ? Encoding.UNCHANGED : Encoding.FULL;
            append(
                    fold,
                    new Chunk(
                            1,
                            run,
                            1L,
                            (long) step,
                            LAYOUT.hashRecord(),
                            number,
                            encoding.number(),
                            marker ? base : -1L,
                            crc,
                            marker ? ByteBuffer.allocate(0) : bytes.duplicate()),
                    out);
        }
        Sha256 part = new Sha256(digest.finish());
        append(
                fold,
                new End(1, run, 1L, (long) step, LAYOUT.hashRecord(), 0, LAYOUT.chunkCount(), part, CONTENT, List.of()),
                out);
    }

    private void append(PartitionFold fold, SpecificRecord record, FoldOutput out) {
        byte[] key = codec.write(new DeltaKey(1, "r", 0L, -1));
        fold.apply(key, codec.write(record), new RecordHeaders(), offset++, 0, out);
    }

    /** The same average with every chunk folded as if it were new. */
    private List<ByteBuffer> stepByStep(Operator operator, int count) {
        List<ByteBuffer> merged = new ArrayList<>();
        for (int number = 0; number < LAYOUT.chunkCount(); number++) {
            ChunkSpec chunk = LAYOUT.chunk(number);
            TensorSpec tensor = LAYOUT.tensorOf(chunk);
            ChunkFold fold =
                    new ChunkFold(Kernel.create(), operator, TensorPolicy.of(tensor, List.of()), tensor, chunk);
            try (Arena arena = Arena.ofConfined()) {
                Progress progress = Progress.START;
                List<Double> newest = List.of();
                for (int i = 0; i < count; i++) {
                    Step step = operator.step(progress, new Checkpoint(i + 1L, "merge", i));
                    progress = step.next();
                    newest = step.coefficients();
                    fold.update(arena, MemorySegment.ofBuffer(checkpoints.get(i).get(number)), newest);
                }
                ByteBuffer out = ByteBuffer.allocate(chunk.byteSize());
                fold.emit(newest, MemorySegment.ofBuffer(out));
                merged.add(out);
            }
        }
        return merged;
    }

    private static Path write(List<ByteBuffer> chunks, Path file) {
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, LAYOUT)) {
            chunks.forEach(chunk -> writer.write(chunk.duplicate()));
        }
        return file;
    }

    /** Merged chunks, copied. */
    private static final class Emissions implements FoldOutput {
        private final Map<String, ByteBuffer> merged = new HashMap<>();

        @Override
        public void merged(MergedChunk chunk) {
            merged.put(chunk.getChannel() + chunk.getVersion() + "/" + chunk.getChunk(), copy(chunk.getPayload()));
        }

        @Override
        public void ack(SpecificRecord ack) {}

        @Override
        public void ended(MergedEnd end) {}

        @Override
        public void retired(String channel, long version, int chunk) {}

        @Override
        public void keyframe(KeyframeKey key, @Nullable SpecificRecord value) {}

        @Override
        public void dropped(String reason, String detail) {
            throw new AssertionError(reason + ": " + detail);
        }
    }
}
