package dev.weir.topology.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.HeldChunk;
import dev.weir.schemas.record.KeyframeChunk;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.record.KeyframeRun;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.SplittableRandom;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Random logs, cut anywhere and resumed from their keyframes: every byte emitted is the one of the whole fold. */
final class KeyframeTest {
    private static final String APPLICATION = Keyframes.APPLICATION;
    private static final int LOGS = Integer.getInteger("weir.logs", 100);

    private final RecordCodec codec =
            Registry.connect("mock://keyframes", Map.of()).codec();
    private final Keyframes keyframes = new Keyframes(codec);
    private int readAgain;
    private int received;
    private int waiting;
    private int atOnce;
    private int atOnceLive;
    private final long seed = Long.getLong("weir.seed", System.nanoTime());

    @BeforeEach
    void seed() {
        // Each test has its own.
        System.out.println("KeyframeTest: -Dweir.seed=" + seed);
    }

    @Test
    void aResumedFoldSaysWhatTheWholeOneSays() {
        int resumed = 0;
        int reloaded = 0;
        for (int n = 0; n < LOGS; n++) {
            SplittableRandom random = new SplittableRandom(seed + n);
            List<RandomLog.Entry> log = RandomLog.of(codec, random, 150);
            Said whole = new Said(codec);
            try (PartitionFold fold = keyframes.fold(null, null);
                    ReceivedMemory memory = new ReceivedMemory()) {
                Keyframes.feed(fold, log, 0, whole);
                assertThat(whole.lines).as("log " + n).isNotEmpty();
                Lives lives = lives(random, log, memory);
                resumed += lives.resumed;
                reloaded += lives.reloaded;
                assertThat(lives.said.lines).as("log " + n).isEqualTo(whole.lines);
                assertThat(lives.counters)
                        .as("log " + n)
                        .isEqualTo(fold.counters().snapshot());
            }
        }
        assertThat(resumed).as("lives that began with a keyframe").isGreaterThan(LOGS);
        assertThat(waiting)
                .as("averages in keyframes with the chunk that they wait for")
                .isGreaterThan(LOGS);
        assertThat(received).as("payloads off the heap").isGreaterThan(10 * LOGS);
        assertThat(atOnce).as("chunks that entered before their decision came").isGreaterThan(LOGS);
        assertThat(atOnceLive).as("the same, live").isGreaterThan(LOGS / 4);
        assertThat(readAgain).as("chunks beyond the budget").isGreaterThan(LOGS);
        assertThat(reloaded).as("of these, with chunks that waited").isGreaterThan(LOGS / 10);
    }

    @Test
    void aGroupOffsetThatWasSetBackChangesNoAverage() {
        for (int n = 0; n < LOGS; n++) {
            SplittableRandom random = new SplittableRandom(seed + n);
            List<RandomLog.Entry> log = RandomLog.of(codec, random, 150);
            Said whole = new Said(codec);
            try (PartitionFold fold = keyframes.fold(null, policy(5))) {
                Keyframes.feed(fold, log.subList(0, 2 * log.size() / 3), 0, whole);
                if (whole.keyframes.isEmpty()) {
                    continue;
                }
                Keyframe keyframe = keyframes.reader(whole, APPLICATION, 1).read(0);
                Keyframes.feed(fold, log, 2 * log.size() / 3, whole);
                if (keyframe == null) {
                    continue;
                }
                Said again = new Said(codec);
                long from = keyframe.head().getOldestNeeded();
                Foresight foresight = foresight(log, log.size(), log.size());
                try (PartitionFold resumed = keyframes.fold(keyframe, policy(5), StagingBudget.UNLIMITED, foresight)) {
                    Keyframes.feed(resumed, log, (int) from, again);
                }
                assertThat(whole.lines).as("log " + n).containsAll(again.lines);
            }
        }
    }

    /** 35,000 chunks of each of 16 runs: a model of 70 billion f32 elements on 8 partitions. */
    @Test
    void theHeadOfLargeModelsFitsIntoRecords() {
        List<KeyframeRun> runs = new ArrayList<>();
        for (int run = 0; run < 16; run++) {
            List<HeldChunk> base = new ArrayList<>();
            for (int chunk = 0; chunk < 35_000; chunk++) {
                base.add(new HeldChunk(8 * chunk, -chunk, (1L << 40) + chunk, (1L << 40) + chunk));
            }
            runs.add(new KeyframeRun("run-" + run, 1L, new Sha256(new byte[32]), 10L, true, 10L, 5L, base));
        }
        KeyframeHead head = new KeyframeHead(
                1,
                APPLICATION,
                7L,
                9L,
                1L,
                "",
                List.of(),
                runs,
                List.of(),
                List.of(),
                Map.of("chunks", 1L),
                0,
                1,
                7L,
                0L);
        List<KeyframeHead> parts = HeadParts.split(head, 2 << 20);
        List<KeyframeHead> read = new ArrayList<>();
        for (KeyframeHead part : parts) {
            byte[] written = codec.write(part);
            assertThat(written).as("part " + part.getPart()).hasSizeLessThan(3 << 20);
            read.add((KeyframeHead) codec.read(written));
        }
        assertThat(HeadParts.join(read).getRuns()).isEqualTo(head.getRuns());
    }

    @Test
    void oneKeyframeIsSpreadOverItsDecisions() {
        List<RandomLog.Entry> log = RandomLog.of(codec, new SplittableRandom(2), 400);
        Said said = new Said(codec);
        List<Integer> shares = new ArrayList<>();
        try (PartitionFold fold = keyframes.fold(null, policy(8))) {
            int before = 0;
            for (int offset = 0; offset < log.size(); offset++) {
                RandomLog.Entry entry = log.get(offset);
                fold.apply(entry.key(), entry.value(), new RecordHeaders(), offset, 0, said);
                List<Said.Pair> share = said.keyframes.subList(before, said.keyframes.size());
                if (!share.isEmpty()) {
                    shares.add((int)
                            share.stream().filter(pair -> pair.value() != null).count());
                    before = said.keyframes.size();
                }
            }
        }
        assertThat(shares).hasSizeGreaterThan(8);
        assertThat(shares.stream().mapToInt(Integer::intValue).max().orElseThrow())
                .as("records at one decision, a share of the averages and a head")
                .isLessThan(12);
    }

    @Test
    void aFoldThatWasAStandbyMeanwhileWritesNoHeadBehindNewerOnes() {
        int written = 0;
        for (int n = 0; n < LOGS; n++) {
            SplittableRandom random = new SplittableRandom(seed + n);
            List<RandomLog.Entry> log = RandomLog.of(codec, random, 150);
            Said both = new Said(codec);
            int away = random.nextInt(log.size());
            int back = away + random.nextInt(log.size() - away);
            try (PartitionFold one = keyframes.fold(null, policy(4));
                    PartitionFold other = keyframes.fold(null, policy(3))) {
                Keyframes.feed(one, log.subList(0, away), 0, both);
                Keyframes.feed(one, log.subList(0, back), away, FoldOutput.NONE);
                Keyframes.feed(other, log.subList(0, away), 0, FoldOutput.NONE);
                Keyframes.feed(other, log.subList(0, back), away, both);
                Keyframes.feed(one, log, back, both);
            }
            List<KeyframeHead> heads = new ArrayList<>();
            Map<KeyframeKey, KeyframeChunk> topic = new HashMap<>();
            for (Said.Pair pair : both.keyframes) {
                KeyframeKey key = codec.read(pair.key(), KeyframeKey.class);
                switch (pair.value() == null ? null : codec.read(pair.value())) {
                    case null -> topic.remove(key);
                    case KeyframeChunk chunk -> topic.put(key, chunk);
                    case KeyframeHead head -> heads.add(head);
                    default -> throw new AssertionError("no keyframe");
                }
            }
            written += heads.size();
            assertThat(heads)
                    .as("log " + n)
                    .extracting(KeyframeHead::getNextOffset)
                    .isSorted();
            // A channel that goes and comes while a keyframe is written has its old averages until one finds it gone or
            // there.
            long before = heads.size() < 4 ? 0 : heads.get(heads.size() - 4).getSeq();
            assertThat(topic.values())
                    .as("log " + n + ": averages of the newest keyframes, and no others")
                    .filteredOn(chunk -> chunk.getSeq() < before)
                    .isEmpty();
        }
        assertThat(written).as("heads").isGreaterThan(3 * LOGS);
    }

    /** What a sequence of processes said, each killed somewhere. */
    private record Lives(Said said, Map<String, Long> counters, int resumed, int reloaded) {}

    private Lives lives(SplittableRandom random, List<RandomLog.Entry> log, ReceivedMemory memory) {
        Said said = new Said(codec);
        said.behind = random.split()::nextBoolean;
        int committed = 0;
        int resumed = 0;
        int reloaded = 0;
        while (true) {
            Keyframe keyframe = said.keyframes.isEmpty()
                    ? null
                    : keyframes.reader(said, APPLICATION, committed).read(0);
            resumed += keyframe == null ? 0 : 1;
            long need = keyframe == null ? 0 : keyframe.head().getOldestNeeded();
            reloaded += keyframe != null && need < keyframe.head().getNextOffset() ? 1 : 0;
            KeyframePolicy policy = new KeyframePolicy(
                    APPLICATION, 1 + random.nextInt(6), random.nextInt(3) * 2_000L, 1 + random.nextInt(40));
            StagingBudget budget = new StagingBudget(random.nextInt(3) * 30L, rereads(log));
            Foresight foresight = foresight(random, log);
            try (PartitionFold fold = keyframes.fold(keyframe, policy, budget, foresight)) {
                assertThat(fold.firstOffset()).isEqualTo(need);
                int until = committed + 1 + random.nextInt(60);
                // Restored in silence up to what was committed, then live up to where it is killed.
                receive(fold, log.subList(0, committed), (int) need, FoldOutput.NONE, memory);
                int inSilence = foresight.entered();
                atOnce += inSilence;
                int from = Math.max(committed, (int) need);
                receive(fold, log.subList(0, Math.min(until, log.size())), from, said, memory);
                atOnceLive += foresight.entered() - inSilence;
                committed = Math.min(until, log.size());
                if (committed == log.size()) {
                    waiting += withChunk(said);
                    return new Lives(said, fold.counters().snapshot(), resumed, reloaded);
                }
            } finally {
                assertThat(memory.lentBytes())
                        .as("bytes received that nobody gave back")
                        .isZero();
            }
        }
    }

    /** Averages of the first tensor, of five f32, behind which a chunk is written. */
    private int withChunk(Said said) {
        return (int) said.keyframes.stream()
                .filter(pair -> pair.value() != null
                        && codec.read(pair.value()) instanceof KeyframeChunk state
                        && state.getChannel().equals("fast")
                        && state.getChunk() == 0
                        && state.getFirstByte() == 0
                        && state.getStateBytes() == 20 + 16 + 20)
                .count();
    }

    /** The log itself, for chunks that a small budget leaves there. */
    private Refetch rereads(List<RandomLog.Entry> log) {
        return new Refetch() {
            @Override
            public void read(SortedSet<Long> offsets, Reader reader) {
                offsets.forEach(offset -> {
                    reader.read(offset, log.get(offset.intValue()).value(), new RecordHeaders());
                    readAgain++;
                });
            }

            @Override
            public void close() {}
        };
    }

    private static KeyframePolicy policy(int decisions) {
        return new KeyframePolicy(APPLICATION, decisions, 0, 1 << 20);
    }

    /** What the topic of decisions may have: nothing any more, or all of the log's up to somewhere. */
    private Foresight foresight(SplittableRandom random, List<RandomLog.Entry> log) {
        return foresight(log, random.nextInt(2 * log.size()), random.nextInt(3) * log.size() / 2);
    }

    /** @param known so many entries of the log, of which decisions are known */
    private Foresight foresight(List<RandomLog.Entry> log, long until, int known) {
        Foresight foresight = new Foresight("m.decisions", until);
        for (RandomLog.Entry entry : log.subList(0, known)) {
            if (entry.value() != null && codec.read(entry.value()) instanceof Decision decision) {
                foresight.add(decision);
            }
        }
        return foresight;
    }

    /** The same as the application's consumers receive it, with payloads of full chunks off the heap. */
    private void receive(
            PartitionFold fold, List<RandomLog.Entry> log, int from, FoldOutput out, ReceivedMemory memory) {
        PayloadDeserializer values = new PayloadDeserializer("m.deltas", codec, memory, 0);
        for (int offset = from; offset < log.size(); offset++) {
            RandomLog.Entry entry = log.get(offset);
            RecordHeaders headers = new RecordHeaders();
            byte[] value = values.deserialize("m.deltas", headers, ByteBuffer.wrap(entry.value()));
            received += headers.toArray().length;
            fold.apply(entry.key(), value, headers, offset, 0, out);
        }
    }
}
