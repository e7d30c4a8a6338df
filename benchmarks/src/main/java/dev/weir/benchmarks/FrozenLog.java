package dev.weir.benchmarks;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.merge.FoldOutput;
import dev.weir.topology.merge.PartitionFold;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** A log of one partition and one run of bf16 checkpoints that sends differences, folded as it is written. */
final class FrozenLog implements AutoCloseable {
    static final int ELEMENTS = Layout.CHUNK_ELEMENTS;
    static final int CHUNKS = 32;
    static final int CHANNELS = 4;
    private static final int VARIANTS = 3;
    private static final String RUN = "run-1";
    private static final Sha256 CONTENT = new Sha256(new byte[32]);

    private final RecordCodec codec;
    private final PartitionFold fold;
    private final Layout layout =
            Layout.of(List.of(new TensorSpec("w", Dtype.BF16, List.of((long) CHUNKS * ELEMENTS))));
    private final List<ByteBuffer> variants = new ArrayList<>();
    private long seq = 1;
    private long offset;
    private long step;

    /** Nanoseconds a chunk: until a checkpoint's end, and at its decision. */
    record Nanos(double intake, double decision) {}

    FrozenLog(RecordCodec codec) {
        this.codec = codec;
        this.fold = new PartitionFold("m.deltas", 0, 1, codec, Kernel.create());
        SplittableRandom random = new SplittableRandom(1);
        for (int variant = 0; variant < VARIANTS; variant++) {
            ByteBuffer bytes = ByteBuffer.allocate(2 * ELEMENTS).order(ByteOrder.LITTLE_ENDIAN);
            while (bytes.hasRemaining()) {
                bytes.putShort((short) (0x3f00 + random.nextInt(0x80)));
            }
            variants.add(bytes.flip());
        }
        List<String> channels = IntStream.range(0, CHANNELS)
                .mapToObj(i -> "{name: c%d, operator: ema, settings: {decay: 0.9%d}}".formatted(i, i))
                .toList();
        apply(codec.write(new Plan(1, 1L, "p", "{model: m, channels: [" + String.join(",", channels) + "]}", "")));
        apply(codec.write(new Open(1, RUN, 1L, layout.hashRecord(), layout.toRecord(), true, Map.of())));
    }

    /** Folds so many checkpoints, after four that are not timed. */
    Nanos fold(FrozenBench.Kind kind, int checkpoints) {
        long intake = 0;
        long decision = 0;
        for (int i = -4; i < checkpoints; i++) {
            List<byte[]> chunks = chunks(i == -4 ? FrozenBench.Kind.CHANGED : kind);
            byte[] decided = decision();
            long began = System.nanoTime();
            chunks.forEach(this::apply);
            long taken = System.nanoTime();
            apply(decided);
            if (i >= 0) {
                intake += taken - began;
                decision += System.nanoTime() - taken;
            }
        }
        if (fold.counters().snapshot().getOrDefault("committed", 0L) != step) {
            throw new IllegalStateException("of " + step + " checkpoints not all were folded: " + fold.counters());
        }
        double all = (double) checkpoints * CHUNKS;
        return new Nanos(intake / all, decision / all);
    }

    /** The chunks of the next checkpoint and its end. */
    private List<byte[]> chunks(FrozenBench.Kind kind) {
        List<byte[]> records = new ArrayList<>();
        PartDigest digest = new PartDigest();
        boolean marker = kind == FrozenBench.Kind.MARKERS;
        step++;
        if (kind == FrozenBench.Kind.CHANGED) {
            variants.add(variants.removeFirst());
        }
        for (int number = 0; number < CHUNKS; number++) {
            ByteBuffer bytes = variants.get(number % VARIANTS);
            int crc = Crc.crc32c(bytes);
            digest.add(number, crc);
            Encoding encoding = marker ? Encoding.UNCHANGED : Encoding.FULL;
            records.add(codec.write(new Chunk(
                    1,
                    RUN,
                    1L,
                    step,
                    layout.hashRecord(),
                    number,
                    encoding.number(),
                    marker ? step - 1 : -1L,
                    crc,
                    marker ? ByteBuffer.allocate(0) : bytes.duplicate())));
        }
        Sha256 part = new Sha256(digest.finish());
        records.add(codec.write(new End(1, RUN, 1L, step, layout.hashRecord(), 0, CHUNKS, part, CONTENT, List.of())));
        return records;
    }

    private byte[] decision() {
        List<ChannelUpdate> updates = IntStream.range(0, CHANNELS)
                .mapToObj(i -> new ChannelUpdate("c" + i, List.of(step == 1 ? 1.0 : 0.1 - 0.01 * i), 0L, 0L, List.of()))
                .toList();
        return codec.write(new Decision(
                1,
                ++seq,
                RUN,
                1L,
                step,
                Verdict.COMMIT,
                "",
                layout.hashRecord(),
                CONTENT,
                updates,
                Map.of(),
                Map.of(),
                List.of(),
                Map.of()));
    }

    private void apply(byte[] value) {
        byte[] key = codec.write(new DeltaKey(1, RUN, step, -1));
        fold.apply(key, value, new RecordHeaders(), offset++, 0, FoldOutput.NONE);
    }

    @Override
    public void close() {
        fold.close();
    }
}
