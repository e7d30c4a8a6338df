package dev.weir.topology.merge;

import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.ChunkSpec;
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

/**
 * Logs of one partition as a coordinator and two trainers could have written them: checkpoints that interleave, epochs
 * that fence, verdicts of all kinds, plans that keep, reset, add and remove channels, and baselines.
 */
final class RandomLog {
    private static final Sha256 CONTENT = new Sha256(new byte[32]);
    private static final Layout LAYOUT = Layout.of(List.of(
            new TensorSpec("a", Dtype.F32, List.of(5L)),
            new TensorSpec("b", Dtype.BF16, List.of(3L)),
            new TensorSpec("c", Dtype.I64, List.of(2L))));
    private static final List<String> PLANS = List.of(
            "{model: m, channels: [{name: fast, operator: ema, settings: {decay: 0.5}},"
                    + "{name: mean, operator: swa}, {name: mix, operator: bcwi, settings: {from: fast, new-weight: 0.5}}]}",
            "{model: m, channels: [{name: fast, operator: ema, settings: {decay: 0.9}}, {name: mean, operator: swa}]}",
            "{model: m, channels: [{name: mean, operator: swa}]}");

    /** One record. */
    record Entry(byte[] key, byte[] value) {}

    /** A trainer's side. */
    private static final class Trainer {
        private final String run;
        private long epoch;
        private long step;
        private final Deque<SpecificRecord> toWrite = new ArrayDeque<>();
        private boolean complete;
        private boolean damaged;

        Trainer(String run) {
            this.run = run;
        }
    }

    private final RecordCodec codec;
    private final SplittableRandom random;
    private final List<Entry> log = new ArrayList<>();
    private final Map<String, Long> entered = new HashMap<>();
    private final Map<String, Long> versions = new HashMap<>();
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
        return made.log;
    }

    private void turn(Trainer trainer) {
        if (trainer.epoch == 0 || random.nextInt(20) == 0) {
            trainer.epoch++;
            trainer.step = 0;
            trainer.toWrite.clear();
            trainer.complete = false;
            append(new Open(1, trainer.run, trainer.epoch, LAYOUT.hashRecord(), LAYOUT.toRecord()));
        } else if (trainer.complete) {
            decide(trainer);
        } else if (trainer.toWrite.isEmpty()) {
            begin(trainer);
        } else {
            for (int some = 1 + random.nextInt(4); some > 0 && !trainer.toWrite.isEmpty(); some--) {
                append(trainer.toWrite.remove());
            }
            trainer.complete = trainer.toWrite.isEmpty();
        }
    }

    private void begin(Trainer trainer) {
        trainer.step += 1 + random.nextInt(3);
        PartDigest digest = new PartDigest();
        trainer.damaged = false;
        for (int number = 0; number < LAYOUT.chunkCount(); number++) {
            ChunkSpec chunk = LAYOUT.chunk(number);
            ByteBuffer payload = ByteBuffer.allocate(chunk.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
            while (payload.remaining() >= 2) {
                // Finite in every dtype.
                payload.putShort((short) (0x3f00 + random.nextInt(0x80)));
            }
            payload.flip();
            int crc = Crc.crc32c(payload);
            digest.add(chunk.index(), crc);
            boolean damaged = random.nextInt(30) == 0;
            trainer.damaged |= damaged;
            trainer.toWrite.add(new Chunk(
                    1,
                    trainer.run,
                    trainer.epoch,
                    trainer.step,
                    LAYOUT.hashRecord(),
                    chunk.index(),
                    0,
                    -1L,
                    damaged ? crc + 1 : crc,
                    payload));
        }
        trainer.toWrite.add(new End(
                1,
                trainer.run,
                trainer.epoch,
                trainer.step,
                LAYOUT.hashRecord(),
                0,
                LAYOUT.chunkCount(),
                new Sha256(digest.finish()),
                CONTENT));
    }

    /** Commits what can be; the fold itself says which checkpoint failed. */
    private void decide(Trainer trainer) {
        trainer.complete = false;
        Verdict verdict = trainer.damaged ? Verdict.REJECT : random.nextInt(6) == 0 ? Verdict.ABORT : Verdict.COMMIT;
        List<ChannelUpdate> updates = new ArrayList<>();
        if (verdict == Verdict.COMMIT && !trainer.run.equals(BaselineRun.NAME)) {
            for (String channel : plan == 2 ? List.of("mean") : List.of("fast", "mean")) {
                updates.add(update(channel));
            }
            if (plan == 0 && pinned) {
                updates.add(new ChannelUpdate("mix", List.of(0.5), versions.merge("mix", 1L, Long::sum), 0L));
            }
        }
        pinned |= verdict == Verdict.COMMIT && trainer.run.equals(BaselineRun.NAME);
        append(new Decision(
                1,
                ++seq,
                trainer.run,
                trainer.epoch,
                trainer.step,
                verdict,
                "",
                LAYOUT.hashRecord(),
                CONTENT,
                updates));
    }

    private ChannelUpdate update(String channel) {
        long n = entered.merge(channel, 1L, Long::sum);
        List<Double> coefficients =
                channel.equals("mean") ? List.of(1.0, (double) n) : List.of(n == 1 ? 1.0 : plan == 0 ? 0.5 : 0.1);
        return new ChannelUpdate(channel, coefficients, versions.merge(channel, 1L, Long::sum), 0L);
    }

    private void plan(int next) {
        if (next != plan) {
            if (next == 2 || plan == 2 || plan == -1 || next + plan == 1) {
                entered.remove("fast");
            }
            plan = next;
        }
        append(new Plan(1, ++seq, "p" + seq, PLANS.get(next), ""));
    }

    private void append(SpecificRecord record) {
        log.add(new Entry(codec.write(new DeltaKey(1, "r", 0L, -1)), codec.write(record)));
    }
}
