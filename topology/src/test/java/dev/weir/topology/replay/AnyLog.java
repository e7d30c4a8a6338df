package dev.weir.topology.replay;

import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.coordinate.BaselineRun;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A random log and what is known of it: two runs, one with differences, and baselines; refused checkpoints, plans and new epochs; what
 * waits is decided in any order; a keyframe that counts up to any decision.
 */
final class AnyLog {
    /** A checkpoint of a random log. */
    private static final class Sent {
        private final String run;
        private final long epoch;
        private final long step;
        /** By chunk, which of all contents it has. */
        private final int[] contents;
        /** By partition, the oldest offset of what it is made of. */
        private final long[] oldest;

        private long seq;

        private Sent(String run, long epoch, long step, int[] contents, long[] oldest) {
            this.run = run;
            this.epoch = epoch;
            this.step = step;
            this.contents = contents;
            this.oldest = oldest;
        }

        private boolean trained() {
            return !run.equals(BaselineRun.NAME);
        }
    }

    private final RecordCodec codec;
    private final Random random;
    private final int partitions;
    private final SmallLog log;
    private final Map<String, Long> epochs = new HashMap<>();
    private final Map<String, Sent> bases = new HashMap<>();
    private final List<Sent> waiting = new ArrayList<>();
    private final List<Sent> accepted = new ArrayList<>();
    private final List<Sent> whole = new ArrayList<>();
    private final long keyframe;

    private long step;

    AnyLog(RecordCodec codec, Random random, int partitions) {
        this.codec = codec;
        this.random = random;
        this.partitions = partitions;
        this.log = SmallModel.log(codec, partitions);
        for (int i = 0; i < 12 + random.nextInt(12); i++) {
            move();
        }
        this.keyframe = 1 + random.nextInt((int) log.seq());
        log.beside("m.keyframes", SmallModel.head(keyframe, acceptedUpTo(keyframe)));
    }

    SmallLog log() {
        return log;
    }

    /** How many checkpoints decisions up to that one accepted, baselines included. */
    long acceptedUpTo(long seq) {
        return accepted.stream().filter(one -> one.seq <= seq).count();
    }

    /** How many checkpoints of trainers were accepted from that decision on. */
    long trainedFrom(long seq) {
        return accepted.stream().filter(one -> one.trained() && one.seq >= seq).count();
    }

    /** Number of the newest decision that the keyframe counts. */
    long keyframe() {
        return keyframe;
    }

    private void move() {
        String run = random.nextInt(8) == 0 ? BaselineRun.NAME : random.nextBoolean() ? "a" : "b";
        if (!epochs.containsKey(run) || random.nextInt(8) == 0) {
            epochs.merge(run, 1L, Long::sum);
            bases.remove(run);
            log.open(run, epochs.getOrDefault(run, 0L), run.equals("a"));
        }
        if (random.nextInt(8) == 0) {
            log.plan(SmallModel.LIVE);
        }
        waiting.add(send(run));
        while (!waiting.isEmpty() && random.nextInt(3) > 0) {
            String next = waiting.get(random.nextInt(waiting.size())).run;
            Sent oldest = waiting.stream()
                    .filter(one -> one.run.equals(next))
                    .findFirst()
                    .orElseThrow();
            waiting.remove(oldest);
            decide(oldest, random.nextInt(6) == 0 ? Verdict.REJECT : Verdict.COMMIT);
        }
    }

    private Sent send(String run) {
        Sent base = random.nextInt(4) == 0 || !run.equals("a") ? null : bases.get(run);
        boolean[] same = new boolean[SmallModel.LAYOUT.chunkCount()];
        int[] contents = new int[SmallModel.LAYOUT.chunkCount()];
        long[] oldest = new long[partitions];
        for (int partition = 0; partition < partitions; partition++) {
            oldest[partition] = log.end(partition);
        }
        step++;
        for (int number = 0; number < contents.length; number++) {
            same[number] = base != null && random.nextInt(3) == 0;
            contents[number] = base != null && same[number] ? base.contents[number] : (int) step;
            if (base != null && same[number]) {
                int partition = number % partitions;
                oldest[partition] = Math.min(oldest[partition], base.oldest[partition]);
            }
        }
        Sent sent = new Sent(run, epochs.getOrDefault(run, 0L), step, contents, oldest);
        log.send(
                run,
                sent.epoch,
                step,
                base == null ? -1 : base.step,
                number -> SmallModel.chunk(contents[number], number),
                number -> same[number],
                List.of());
        return sent;
    }

    private void decide(Sent sent, Verdict verdict) {
        log.decide(sent.run, sent.epoch, sent.step, List.of(), verdict);
        if (verdict == Verdict.COMMIT) {
            sent.seq = log.seq();
            accepted.add(sent);
            if (sent.epoch == epochs.getOrDefault(sent.run, 0L)) {
                bases.put(sent.run, sent);
            }
        }
    }

    /** Cuts it and returns the decision from which all is whole; 0: none. */
    long cut() {
        long[] starts = new long[partitions];
        double share = 0.6 * random.nextDouble();
        for (int partition = 0; partition < partitions; partition++) {
            starts[partition] = (long) (log.end(partition) * share) + random.nextInt(6);
            log.cut(partition, (int) starts[partition]);
        }
        long first = 0;
        for (Sent one : accepted.reversed()) {
            for (int partition = 0; partition < partitions; partition++) {
                if (one.oldest[partition] < starts[partition]) {
                    return first;
                }
            }
            first = one.trained() ? one.seq : first;
            whole.add(one);
        }
        return first;
    }

    /** A log of what is whole alone. */
    SmallLog rest() {
        SmallLog rest = SmallModel.log(codec, partitions)
                .open("a", 1, false)
                .open("b", 1, false)
                .open(BaselineRun.NAME, 1, false);
        for (Sent one : whole.reversed()) {
            rest.send(
                    one.run,
                    1,
                    one.step,
                    -1,
                    number -> SmallModel.chunk(one.contents[number], number),
                    number -> false,
                    List.of());
            rest.decide(one.run, 1, one.step, List.of(), Verdict.COMMIT);
        }
        return rest;
    }
}
