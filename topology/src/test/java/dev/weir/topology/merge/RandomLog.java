package dev.weir.topology.merge;

import dev.weir.schemas.delta.Choice;
import dev.weir.schemas.delta.ChunkEncoder;
import dev.weir.schemas.delta.EncodedChunk;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Combination;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Companions;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.coordinate.BaselineRun;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Logs of one partition as a coordinator and two trainers could have written them: checkpoints that interleave, epochs
 * that fence, differences against the newest accepted one, layers that stay the same in all runs for a while, verdicts of all
 * kinds, plans that keep, reset, add and remove channels, baselines, and combinations of what a search holds.
 */
final class RandomLog {
    private static final Sha256 CONTENT = new Sha256(new byte[32]);
    private static final Layout LAYOUT = Layout.of(List.of(
            new TensorSpec("a", Dtype.F32, List.of(5L)),
            new TensorSpec("b", Dtype.BF16, List.of(3L)),
            new TensorSpec("c", Dtype.I64, List.of(2L))));
    private static final List<String> PLANS = List.of(
            "{model: m, channels: [{name: fast, operator: ema, settings: {decay: 0.5}},"
                    + "{name: slow, operator: ema, settings: {decay: 0.99}},"
                    + "{name: mean, operator: swa}, {name: mix, operator: bcwi, settings: {from: fast, new-weight: 0.5}},"
                    + "{name: held, operator: greedy-soup-search, settings: {models: 2}},"
                    + "{name: stock, operator: model-stock}, {name: fisher, operator: fisher},"
                    + "{name: matched, operator: gradient-matching},"
                    + "{name: ring, operator: lawa, settings: {window: 3}},"
                    + "{name: windows, operator: windowed-swa, settings: {window: 4, every: 2, windows: 2}},"
                    + "{name: drawn, operator: swag, settings: {columns: 3, draw: 2}},"
                    + "{name: restored, operator: cotta-restore, settings: {probability: 0.5}},"
                    + "{name: near, operator: naswa}, {name: sparse, operator: sparse-soup},"
                    + "{name: rounds, operator: fusing, settings: {share: 0.5, models: 2}}]}",
            "{model: m, channels: [{name: fast, operator: ema, settings: {decay: 0.9}}, {name: mean, operator: swa},"
                    + "{name: slow, operator: ema, settings: {decay: 0.99}},"
                    + "{name: stock, operator: model-stock}, {name: fisher, operator: fisher},"
                    + "{name: matched, operator: gradient-matching},"
                    + "{name: ring, operator: lawa, settings: {window: 3}},"
                    + "{name: windows, operator: windowed-swa, settings: {window: 4, every: 2, windows: 2}},"
                    + "{name: drawn, operator: swag, settings: {columns: 3, draw: 2}},"
                    + "{name: restored, operator: cotta-restore, settings: {probability: 0.5}},"
                    + "{name: near, operator: naswa}, {name: sparse, operator: sparse-soup},"
                    + "{name: rounds, operator: fusing, settings: {share: 0.5, models: 2}}]}",
            "{model: m, channels: [{name: mean, operator: swa}]}",
            "{model: m, channels: [{name: fast, operator: ema, settings: {decay: 0.9}}, {name: mean, operator: swa},"
                    + "{name: slow, operator: ema, settings: {decay: 0.99}},"
                    + "{name: ring, operator: lawa, settings: {window: 3}},"
                    + "{name: windows, operator: windowed-swa, settings: {window: 4, every: 2, windows: 2}},"
                    + "{name: drawn, operator: swag, settings: {columns: 3, draw: 2}},"
                    + "{name: restored, operator: cotta-restore, settings: {probability: 0.5}},"
                    + "{name: rounds, operator: fusing, settings: {share: 0.5, models: 2}}]}");

    /** Channels of the plans that every checkpoint enters. */
    private static final List<List<String>> AVERAGES = List.of(
            List.of("fast", "slow", "mean", "stock", "ring", "windows", "drawn", "restored"),
            List.of("fast", "slow", "mean", "stock", "ring", "windows", "drawn", "restored"),
            List.of("mean"),
            List.of("fast", "slow", "mean", "ring", "windows", "drawn", "restored"));

    /** Channels of the plans that some checkpoints enter. */
    private static final List<List<String>> PASSED_BY = List.of(
            List.of("near", "sparse", "rounds"), List.of("near", "sparse", "rounds"), List.of(), List.of("rounds"));

    private static final List<List<String>> COMPANIONS =
            List.of(List.of(), List.of("fisher"), List.of("fisher", "hessian"), List.of("hessian"));

    /** One record. */
    record Entry(byte[] key, byte[] value) {}

    /** A trainer's side. */
    private static final class Trainer {
        private final String run;
        private long epoch;
        private long step;
        private boolean deltas;
        private final Deque<SpecificRecord> toWrite = new ArrayDeque<>();
        private final Deque<Checkpoint> undecided = new ArrayDeque<>();
        private @Nullable Checkpoint accepted;

        Trainer(String run) {
            this.run = run;
        }
    }

    /** A checkpoint's decoded chunks. */
    private static final class Checkpoint {
        private final long step;
        private final List<ByteBuffer> chunks = new ArrayList<>();
        private List<String> companions = List.of();
        private boolean damaged;
        private boolean written;

        Checkpoint(long step) {
            this.step = step;
        }
    }

    private final RecordCodec codec;
    private final SplittableRandom random;
    private final ChunkEncoder encoder = new ChunkEncoder();
    private final List<Entry> log = new ArrayList<>();
    private final Map<String, Long> entered = new HashMap<>();
    private final Map<String, Long> versions = new HashMap<>();
    /** What all runs have in a chunk for a while. */
    private final @Nullable ByteBuffer[] frozen = new ByteBuffer[LAYOUT.chunkCount()];

    private int plan = -1;
    private boolean pinned;
    private long seq;

    private RandomLog(RecordCodec codec, SplittableRandom random) {
        this.codec = codec;
        this.random = random;
    }

    static List<Entry> of(RecordCodec codec, SplittableRandom random, int turns) {
        RandomLog made = new RandomLog(codec, random);
        List<Trainer> trainers = List.of(new Trainer("r1"), new Trainer("r2"), new Trainer(BaselineRun.NAME));
        made.plan(0);
        for (int turn = 0; turn < turns; turn++) {
            made.turn(trainers.get(random.nextInt(8) == 0 ? 2 : random.nextInt(2)));
            if (random.nextInt(25) == 0) {
                made.plan(random.nextInt(PLANS.size()));
            }
        }
        made.encoder.close();
        return made.log;
    }

    private void turn(Trainer trainer) {
        boolean decidable = !trainer.undecided.isEmpty() && trainer.undecided.element().written;
        if (trainer.epoch == 0 || random.nextInt(20) == 0) {
            trainer.epoch++;
            trainer.step = 0;
            trainer.toWrite.clear();
            trainer.undecided.clear();
            trainer.accepted = null;
            trainer.deltas = !trainer.run.equals(BaselineRun.NAME) && random.nextInt(3) > 0;
            append(new Open(
                    1, trainer.run, trainer.epoch, LAYOUT.hashRecord(), LAYOUT.toRecord(), trainer.deltas, Map.of()));
        } else if (decidable && (trainer.undecided.size() > 2 || random.nextInt(3) > 0)) {
            decide(trainer, trainer.undecided.remove());
        } else if (trainer.toWrite.isEmpty()) {
            begin(trainer);
        } else {
            for (int some = 1 + random.nextInt(4); some > 0 && !trainer.toWrite.isEmpty(); some--) {
                write(trainer, trainer.toWrite.remove());
            }
            trainer.undecided.getLast().written = trainer.toWrite.isEmpty();
        }
    }

    /** What refers to a checkpoint that is no longer the newest accepted one, must be refused. */
    private void write(Trainer trainer, SpecificRecord record) {
        long newest = trainer.accepted == null ? -1 : trainer.accepted.step;
        if (record instanceof Chunk chunk && chunk.getEncoding() != 0 && chunk.getBaseStep() != newest) {
            trainer.undecided.getLast().damaged = true;
        }
        append(record);
    }

    private void begin(Trainer trainer) {
        trainer.step += 1 + random.nextInt(3);
        Checkpoint checkpoint = new Checkpoint(trainer.step);
        PartDigest digest = new PartDigest();
        for (int number = 0; number < LAYOUT.chunkCount(); number++) {
            ChunkSpec chunk = LAYOUT.chunk(number);
            ByteBuffer base = trainer.accepted == null ? null : trainer.accepted.chunks.get(number);
            ByteBuffer bytes = bytes(chunk, base);
            checkpoint.chunks.add(bytes);
            int crc = Crc.crc32c(bytes);
            digest.add(chunk.index(), crc);
            boolean damaged = random.nextInt(30) == 0;
            checkpoint.damaged |= damaged;
            Dtype dtype = LAYOUT.tensorOf(chunk).dtype();
            Choice choice = trainer.deltas ? Choice.values()[random.nextInt(Choice.values().length)] : Choice.FULL;
            EncodedChunk encoded = encoder.encode(dtype, base, bytes, choice);
            ByteBuffer payload = ByteBuffer.allocate(encoded.payload().remaining())
                    .put(encoded.payload())
                    .flip();
            trainer.toWrite.add(new Chunk(
                    1,
                    trainer.run,
                    trainer.epoch,
                    trainer.step,
                    LAYOUT.hashRecord(),
                    chunk.index(),
                    encoded.encoding().number(),
                    encoded.encoding() == Encoding.FULL || trainer.accepted == null ? -1L : trainer.accepted.step,
                    damaged ? crc + 1 : crc,
                    payload));
        }
        trainer.undecided.add(checkpoint);
        if (!trainer.run.equals(BaselineRun.NAME)) {
            checkpoint.companions = COMPANIONS.get(random.nextInt(COMPANIONS.size()));
        }
        accompany(trainer, checkpoint, digest);
        trainer.toWrite.add(new End(
                1,
                trainer.run,
                trainer.epoch,
                trainer.step,
                LAYOUT.hashRecord(),
                0,
                digest.count(),
                new Sha256(digest.finish()),
                CONTENT,
                checkpoint.companions));
    }

    /** Companions' chunks, before and behind those of the weights, now and then with a number that is not allowed. */
    private void accompany(Trainer trainer, Checkpoint checkpoint, PartDigest digest) {
        List<SpecificRecord> chunks = new ArrayList<>(trainer.toWrite);
        for (int companion = 1; companion <= checkpoint.companions.size(); companion++) {
            for (int number = 0; number < LAYOUT.chunkCount(); number++) {
                ChunkSpec chunk = LAYOUT.chunk(number);
                if (!Companions.have(LAYOUT, chunk)) {
                    continue;
                }
                ByteBuffer bytes =
                        ByteBuffer.allocate(Companions.byteSize(chunk)).order(ByteOrder.LITTLE_ENDIAN);
                boolean bad = random.nextInt(40) == 0;
                checkpoint.damaged |= bad;
                while (bytes.hasRemaining()) {
                    bytes.putFloat(bad ? -1 : random.nextInt(4) == 0 ? 0 : (float) random.nextDouble());
                }
                int crc = Crc.crc32c(bytes.flip());
                int own = Companions.number(LAYOUT, companion, number);
                digest.add(own, crc);
                chunks.add(
                        random.nextInt(chunks.size() + 1),
                        new Chunk(
                                1,
                                trainer.run,
                                trainer.epoch,
                                trainer.step,
                                LAYOUT.hashRecord(),
                                own,
                                0,
                                -1L,
                                crc,
                                bytes));
            }
        }
        trainer.toWrite.clear();
        trainer.toWrite.addAll(chunks);
    }

    /** What other runs have, too, or some of the base's bytes, none or all of them new; finite in every dtype. */
    private ByteBuffer bytes(ChunkSpec chunk, @Nullable ByteBuffer base) {
        ByteBuffer common = frozen[chunk.index()];
        if (common != null && random.nextInt(10) > 2) {
            return common;
        }
        ByteBuffer bytes = changed(chunk, base);
        if (common == null || random.nextInt(3) == 0) {
            frozen[chunk.index()] = bytes;
        }
        return bytes;
    }

    private ByteBuffer changed(ChunkSpec chunk, @Nullable ByteBuffer base) {
        ByteBuffer bytes = ByteBuffer.allocate(chunk.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        int share = random.nextInt(3);
        while (bytes.remaining() >= 2) {
            short fresh = (short) (0x3f00 + random.nextInt(0x80));
            if (base == null || (share > 0 && random.nextInt(share) == 0)) {
                bytes.putShort(fresh);
            } else {
                bytes.putShort(base.order(ByteOrder.LITTLE_ENDIAN).getShort(bytes.position()));
            }
        }
        return bytes.flip();
    }

    /** Commits what can be; the fold itself says which checkpoint failed. */
    private void decide(Trainer trainer, Checkpoint checkpoint) {
        Verdict verdict = checkpoint.damaged ? Verdict.REJECT : random.nextInt(6) == 0 ? Verdict.ABORT : Verdict.COMMIT;
        if (verdict == Verdict.COMMIT) {
            trainer.accepted = checkpoint;
        }
        List<ChannelUpdate> updates = new ArrayList<>();
        if (verdict == Verdict.COMMIT && !trainer.run.equals(BaselineRun.NAME)) {
            for (String channel : AVERAGES.get(plan)) {
                updates.add(update(channel));
            }
            for (String channel : PASSED_BY.get(plan)) {
                // What passes by does nothing.
                updates.add(
                        (seq + channel.length()) % 3 == 0
                                ? new ChannelUpdate(channel, List.of(), 0L, 0L, List.of())
                                : update(channel));
            }
            if (plan < 2 && checkpoint.companions.contains("fisher")) {
                updates.add(update("fisher"));
            }
            if (plan < 2 && checkpoint.companions.contains("hessian")) {
                updates.add(update("matched"));
            }
            if (plan == 0) {
                double slot = (entered.merge("held", 1L, Long::sum) - 1) % 2;
                updates.add(new ChannelUpdate("held", List.of(slot), 0L, 0L, List.of()));
            }
            if (plan == 0 && pinned) {
                updates.add(
                        new ChannelUpdate("mix", List.of(0.5), versions.merge("mix", 1L, Long::sum), 0L, List.of()));
            }
        }
        pinned |= verdict == Verdict.COMMIT && trainer.run.equals(BaselineRun.NAME);
        append(new Decision(
                1,
                ++seq,
                trainer.run,
                trainer.epoch,
                checkpoint.step,
                verdict,
                "",
                LAYOUT.hashRecord(),
                CONTENT,
                updates,
                Map.of(),
                Map.of(),
                List.of(),
                Map.of()));
        if (verdict == Verdict.COMMIT && entered.getOrDefault("held", 0L) > 1 && random.nextInt(3) == 0) {
            combine();
        }
    }

    /** A candidate with the same coefficients for all tensors, or with those of each its own. */
    private void combine() {
        List<Double> coefficients = random.nextBoolean() ? List.of(0.25, 0.75) : List.of(1.0, 0.0, 0.5, 0.5, -0.5, 1.5);
        String name = "held@candidates";
        long version = versions.merge(name, 1L, Long::sum);
        ChannelUpdate update = new ChannelUpdate(name, coefficients, version, Math.max(0, version - 2), List.of());
        append(new Combination(1, ++seq, "held", LAYOUT.hashRecord(), update, 0, false, "", List.of()));
    }

    private ChannelUpdate update(String channel) {
        long n = entered.merge(channel, 1L, Long::sum);
        List<Double> coefficients = switch (channel) {
            case "mean", "near", "sparse" -> List.of(1.0, (double) n);
            case "rounds" -> n == 1 ? List.of(0.0, 0.0) : List.of(1.0 + n % 2, (double) (n % 2));
            case "fisher" -> List.of(n - 1.0, 1.0, 0.25, 1.0, (double) n);
            case "matched" -> n == 1 ? List.of(0.0, 1.0, 1.0, 0.0, 0.0) : List.of(n - 1.0, 1.0, 1.0, 1.0, n - 1.0);
            case "ring" -> List.of((n - 1.0) % 3, Math.min(n, 3.0));
            case "windows" ->
                List.of((n - 1.0) % 2 + 1, n % 2 == 0 ? (n / 2 - 1.0) % 2 : -1.0, Math.min((double) (n / 2), 2.0));
            case "drawn" -> List.of((double) n, (n - 1.0) % 3);
            case "restored" -> List.of(n == 1 ? 1.0 : 0.0, (double) n, 7.0);
            case "stock" -> n == 1 ? List.of(0.0) : List.of(n - 1.0, 0.7, 0.5, 0.3, 0.25, 0.0, 0.0);
            default -> List.of(n == 1 ? 1.0 : plan == 0 ? 0.5 : 0.1);
        };
        // Averages are emitted now and then, so that several checkpoints have entered some and nobody has looked.
        long version = random.nextInt(3) > 0 ? 0 : versions.merge(channel, 1L, Long::sum);
        return new ChannelUpdate(channel, coefficients, version, 0L, List.of());
    }

    private void plan(int next) {
        if (next != plan) {
            if (next == 2 || plan == 2 || plan == -1 || next == 0 || plan == 0) {
                entered.remove("fast");
            }
            entered.remove("held");
            if (next >= 2 || plan >= 2) {
                entered.keySet().removeAll(List.of("stock", "fisher", "matched", "near", "sparse"));
            }
            if (next == 2 || plan == 2) {
                entered.keySet().removeAll(List.of("slow", "ring", "windows", "drawn", "restored"));
            }
            plan = next;
        }
        append(new Plan(1, ++seq, "p" + seq, PLANS.get(next), ""));
    }

    private void append(SpecificRecord record) {
        log.add(new Entry(codec.write(new DeltaKey(1, "r", 0L, -1)), codec.write(record)));
    }
}
