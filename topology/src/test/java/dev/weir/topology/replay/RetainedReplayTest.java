package dev.weir.topology.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.TensorLayout;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import dev.weir.topology.coordinate.BaselineRun;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanFormat;
import dev.weir.topology.store.FoldException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a log whose beginning is gone, folded into the channels of another plan. */
final class RetainedReplayTest {
    private static final String LIVE = "{model: m, channels: [{name: live, operator: swa}]}";
    private static final Plan OTHER = PlanFormat.parse("{model: m, channels: [{name: slow, operator: ema, settings:"
            + " {decay: 0.75}}, {name: window, operator: lawa, settings: {window: 2}}, {name: stock, operator: model-stock},"
            + " {name: mix, operator: bcwi, settings: {from: slow, new-weight: 0.25}}]}");
    private static final Plan FOLLOWING = mixing("");
    private static final Plan KEEPING = mixing(", keep-baseline: true");
    private static final Layout LAYOUT = Layout.of(
            List.of(new TensorSpec("f64", Dtype.F64, List.of(3L)), new TensorSpec("long", Dtype.F32, List.of(19L))), 4);

    private final RecordCodec codec =
            Registry.connect("mock://retained-replay", Map.of()).codec();

    @TempDir
    private Path folder;

    /** What a run gave: manifests and file contents by channel and version. */
    private record Made(PlannedReplay.Report report, Map<String, Manifest> manifests, Map<String, byte[]> files) {
        long firstSeq() {
            return Objects.requireNonNull(report.retained()).firstSeq();
        }
    }

    @Test
    void itBeginsWithTheFirstCheckpointThatIsWholeInEveryPartition() throws Exception {
        // In partitions 1 and 2: plan, open, then two chunks, an end and a decision a checkpoint.
        SmallLog cut = three().cut(0, 2).cut(1, 3).cut(2, 7);

        Made made = run(cut, true);

        Retained retained = Objects.requireNonNull(made.report().retained());
        assertThat(retained).isEqualTo(new Retained(4, 1, 2, 2, OptionalLong.of(0)));
        assertThat(made.report().checkpoints()).isEqualTo(1);
        assertThat(made.report().lastSeq()).isEqualTo(4);
        assertSameFiles(made, run(log(3).open().checkpoint(1, number -> chunk(3, number), Verdict.COMMIT), false));
        Manifest slow = Objects.requireNonNull(made.manifests().get("slow 1"));
        assertThat(slow.getFromSeq()).isEqualTo(4);
        assertThat(slow.getIngredients()).extracting(Ingredient::getSeq).containsExactly(4L);
    }

    @Test
    void withoutBeingAskedItSaysWhereItWouldBegin() {
        assertThatThrownBy(() -> run(three().cut(1, 3), false))
                .isInstanceOf(BeginningGoneException.class)
                .hasMessageContaining("m.deltas-1: offsets 0 to 2 are gone; from decision 3 on")
                .hasMessageContaining(" 2 checkpoints");
    }

    @Test
    void aWholeLogIsFoldedAsEver() throws Exception {
        Made made = run(three(), true);
        assertThat(made.report().retained()).isNull();
        assertThat(made.manifests().values()).extracting(Manifest::getFromSeq).containsOnly(0L);
        assertSameFiles(made, run(three(), false));
    }

    @Test
    void nothingWholeIsRefusedWithWhatIsLacking() {
        assertThatThrownBy(() -> run(three().cut(1, 11), true))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining(
                        "nothing that was accepted is whole in every partition: decision 4 accepted step 3"
                                + " of run merge, and in partition 1 1 of 2 chunks are left");
        assertThatThrownBy(() -> run(three().cut(2, 14), true))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining("nothing that was accepted is whole in every partition;");
        SmallLog differences = log(1).open("a", 1, true);
        full(differences, "a", 1, 1);
        commit(differences, "a", 1);
        for (int step = 2; step <= 4; step++) {
            differences.send("a", 1, step, step - 1, number -> chunk(1, number), number -> number == 0, List.of());
            commit(differences, "a", step);
        }
        assertThatThrownBy(() -> run(differences.cut(0, 4), true))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining("accepted step 4 of run a, and in partition 0 chunk 0 is a difference to step 3,"
                        + " which is not whole");
    }

    @Test
    void whatIsDeletedWhileItIsReadCountsAsGone() throws Exception {
        SmallLog log = three().cut(1, 1);
        AtomicInteger opened = new AtomicInteger();
        // One consumer a partition, two that read, three that ask for ends; then somebody looks what is left.
        Made made = run(OTHER, log, true, () -> (opened.incrementAndGet() == 9 ? log.cut(1, 3) : log).consumer());
        assertThat(opened).hasValue(9);
        assertThat(made.report().retained()).isEqualTo(new Retained(3, 2, 1, 1, OptionalLong.of(0)));
    }

    @Test
    void theNewestKeyframeSaysHowManyCheckpointsAreGoneWithTheirDecisions() throws Exception {
        // Plan, open, then chunks, an end and a decision for each of decisions 2 to 5.
        Supplier<SmallLog> four = () -> {
            SmallLog log = log(1).open();
            for (int step = 1; step <= 4; step++) {
                log.checkpoint(step, number -> chunk(1, number), step == 2 ? Verdict.REJECT : Verdict.COMMIT);
            }
            return log;
        };
        int chunks = LAYOUT.chunkCount();
        int third = 2 + 2 * (chunks + 2);
        assertThat(gone(four.get().cut(0, third).beside("m.keyframes", head(5, 3))))
                .as("decision 2, not 3")
                .hasValue(1);
        assertThat(gone(four.get().cut(0, third).beside("m.keyframes", head(3, 1))))
                .as("the keyframe just reaches up to what is left")
                .hasValue(1);
        assertThat(gone(four.get()
                        .cut(0, third)
                        .beside("m.keyframes", head(1, 0))
                        .beside("m.keyframes", head(4, 2))))
                .as("of two keyframes the newest")
                .hasValue(1);
        assertThat(gone(four.get().cut(0, third).beside("m.keyframes", head(2, 1))))
                .as("nobody knows what decision 3 was")
                .isEmpty();
    }

    @Test
    void whatADifferenceRefersToIsKeptAndEntersNothing() throws Exception {
        SmallLog log = log(1).open("b", 1, false).beside("m.keyframes", head());
        full(log, "b", 1, 8);
        int cut = 3;
        log.open("a", 1, true);
        full(log, "a", 1, 1);
        commit(log, "a", 1);
        commit(log, "b", 1);
        log.send("a", 1, 2, 1, number -> chunk(number == 0 ? 1 : 2, number), number -> number == 0, List.of());
        commit(log, "a", 2);

        Made made = run(log.cut(0, cut), true);

        assertThat(made.report().retained()).isEqualTo(new Retained(4, 1, 2, 2, OptionalLong.of(0)));
        assertSameFiles(
                made,
                run(log(1).open().checkpoint(2, number -> chunk(number == 0 ? 1 : 2, number), Verdict.COMMIT), false));
    }

    @Test
    void aLayoutThatNoOpenHasAnyMoreIsThatOfAManifestOrAKeyframe() throws Exception {
        Made wanted = run(log(2).open().checkpoint(3, number -> chunk(3, number), Verdict.COMMIT), false);
        Manifest manifest = Objects.requireNonNull(wanted.manifests().get("slow 1"));
        for (SmallLog log : List.of(
                beginsWithout(2).beside("m.snapshots", manifest),
                beginsWithout(2).beside("m.keyframes", head()))) {
            assertSameFiles(run(log, true), wanted);
        }
        assertThatThrownBy(() -> run(beginsWithout(2), true))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining("no open behind it, no manifest in m.snapshots and no keyframe in m.keyframes");
    }

    @Test
    void anAverageMixesWithTheFirstBaselineThatIsLeft() throws Exception {
        SmallLog log = log(2).open();
        pin(log, 1);
        log.checkpoint(1, number -> chunk(1, number), Verdict.COMMIT);
        long before = log.end(0);
        log.checkpoint(2, number -> chunk(2, number), Verdict.COMMIT);
        pin(log, 2);
        log.checkpoint(3, number -> chunk(3, number), Verdict.COMMIT).cut(0, (int) before);

        Made made = run(log, true);

        assertThat(made.files().keySet().stream().filter(version -> version.startsWith("mix")))
                .as("none is mixed with the baseline that is gone")
                .containsExactly("mix 1");
        Manifest mix = Objects.requireNonNull(made.manifests().get("mix 1"));
        assertThat(mix.getIngredients().getFirst().getRun()).isEqualTo(BaselineRun.NAME);
        assertThat(mix.getIngredients().getFirst().getStep()).isEqualTo(2);
    }

    @Test
    void anAverageThatKeepsItsBaselineKeepsTheFirstThatIsLeft() throws Exception {
        SmallLog log = log(2).open();
        pin(log, 1);
        log.checkpoint(1, number -> chunk(1, number), Verdict.COMMIT);
        long before = log.end(0);
        SmallLog only = log(2).open();
        for (int round = 2; round <= 3; round++) {
            int step = round;
            pin(log, round);
            log.checkpoint(round, number -> chunk(step, number), Verdict.COMMIT);
            if (round == 2) {
                pin(only, round);
            }
            only.checkpoint(round, number -> chunk(step, number), Verdict.COMMIT);
        }
        log.cut(0, (int) before);

        Made made = run(KEEPING, log);

        assertThat(made.firstSeq()).isGreaterThan(4);
        assertSameFiles(made, run(FOLLOWING, only));
        assertThat(made.files()).containsKeys("mix 1", "mix 2");
        assertThat(made.files().get("mix 2"))
                .as("without the setting the newest baseline is mixed in")
                .isNotEqualTo(run(FOLLOWING, log).files().get("mix 2"));
        Manifest mix = Objects.requireNonNull(made.manifests().get("mix 2"));
        assertThat(mix.getIngredients().getFirst().getRun()).isEqualTo(BaselineRun.NAME);
        assertThat(mix.getIngredients().getFirst().getStep()).isEqualTo(2);
    }

    @Test
    void anyLogCutAnywhereIsTheLogOfWhatIsWhole() throws Exception {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        Random random = new Random(seed);
        int found = 0;
        for (int i = 0; i < 20; i++) {
            String name = "seed %d, log %d".formatted(seed, i);
            AnyLog any = new AnyLog(random, 1 + random.nextInt(4));
            long first = any.cut();
            if (first == 0) {
                assertThatThrownBy(() -> run(any.log, true)).as(name).isInstanceOf(FoldException.class);
                continue;
            }
            found++;
            Made made = run(any.log, true);
            assertThat(made.firstSeq()).as(name).isEqualTo(first);
            assertSameFiles(made, run(any.rest(), false));
            long whole = any.accepted.stream()
                    .filter(one -> one.trained() && one.seq >= first)
                    .count();
            assertThat(made.report().checkpoints()).as(name).isEqualTo(whole);
            Retained retained = Objects.requireNonNull(made.report().retained());
            long gone = any.accepted.stream()
                    .filter(one -> one.seq < retained.knownSeq())
                    .count();
            assertThat(retained.gone())
                    .as(name)
                    .isEqualTo(any.keyframe + 1 < retained.knownSeq() ? OptionalLong.empty() : OptionalLong.of(gone));
        }
        assertThat(found).as("seed %d", seed).isBetween(4, 20);
    }

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

    /** Two runs, one with differences, and baselines; refused checkpoints, plans and new epochs; what waits is decided in any order. */
    private final class AnyLog {
        private final Random random;
        private final int partitions;
        private final SmallLog log;
        private final Map<String, Long> epochs = new HashMap<>();
        private final Map<String, Sent> bases = new HashMap<>();
        private final List<Sent> waiting = new ArrayList<>();
        private final List<Sent> accepted = new ArrayList<>();
        private final List<Sent> whole = new ArrayList<>();
        /** Number of the newest decision that its keyframe counts. */
        private final long keyframe;

        private long step;

        AnyLog(Random random, int partitions) {
            this.random = random;
            this.partitions = partitions;
            this.log = log(partitions);
            for (int i = 0; i < 12 + random.nextInt(12); i++) {
                move();
            }
            this.keyframe = 1 + random.nextInt((int) log.seq());
            log.beside(
                    "m.keyframes",
                    head(
                            keyframe,
                            accepted.stream().filter(one -> one.seq <= keyframe).count()));
        }

        private void move() {
            String run = random.nextInt(8) == 0 ? BaselineRun.NAME : random.nextBoolean() ? "a" : "b";
            if (!epochs.containsKey(run) || random.nextInt(8) == 0) {
                epochs.merge(run, 1L, Long::sum);
                bases.remove(run);
                log.open(run, epochs.getOrDefault(run, 0L), run.equals("a"));
            }
            if (random.nextInt(8) == 0) {
                log.plan(LIVE);
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
            boolean[] same = new boolean[LAYOUT.chunkCount()];
            int[] contents = new int[LAYOUT.chunkCount()];
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
                    number -> chunk(contents[number], number),
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
            SmallLog rest =
                    log(partitions).open("a", 1, false).open("b", 1, false).open(BaselineRun.NAME, 1, false);
            for (Sent one : whole.reversed()) {
                rest.send(
                        one.run,
                        1,
                        one.step,
                        -1,
                        number -> chunk(one.contents[number], number),
                        number -> false,
                        List.of());
                rest.decide(one.run, 1, one.step, List.of(), Verdict.COMMIT);
            }
            return rest;
        }
    }

    private SmallLog log(int partitions) {
        return new SmallLog(codec, LAYOUT, partitions).plan(LIVE);
    }

    private OptionalLong gone(SmallLog log) throws Exception {
        return Objects.requireNonNull(run(log, true).report().retained()).gone();
    }

    private static KeyframeHead head() {
        return head(1, 0);
    }

    private static KeyframeHead head(long seq, long committed) {
        List<TensorLayout> layouts = List.of(LAYOUT.toRecord());
        Map<String, Long> counters = Map.of("committed", committed);
        return new KeyframeHead(
                1, "weir-m-merge", seq, 1L, 1L, "", layouts, List.of(), List.of(), List.of(), counters, 0, 1, seq);
    }

    private SmallLog three() {
        SmallLog log = log(3).beside("m.keyframes", head()).open();
        for (int step = 1; step <= 3; step++) {
            int content = step;
            log.checkpoint(step, number -> chunk(content, number), Verdict.COMMIT);
        }
        return log;
    }

    /** A checkpoint is left, and no OPEN. */
    private SmallLog beginsWithout(int partitions) {
        SmallLog log = log(partitions).open().checkpoint(3, number -> chunk(3, number), Verdict.COMMIT);
        for (int partition = 0; partition < partitions; partition++) {
            log.cut(partition, 2);
        }
        return log;
    }

    private void pin(SmallLog log, long promotion) {
        log.open(BaselineRun.NAME, promotion, false);
        log.send(
                BaselineRun.NAME,
                promotion,
                promotion,
                -1,
                number -> chunk(7 + promotion, number),
                number -> false,
                List.of());
        log.decide(BaselineRun.NAME, promotion, promotion, List.of(), Verdict.COMMIT);
    }

    private static void full(SmallLog log, String run, long step, long content) {
        log.send(run, 1, step, -1, number -> chunk(content, number), number -> false, List.of());
    }

    private static void commit(SmallLog log, String run, long step) {
        log.decide(run, 1, step, List.of(), Verdict.COMMIT);
    }

    private static Plan mixing(String setting) {
        return PlanFormat.parse(
                "{model: m, channels: [{name: slow, operator: ema, settings: {decay: 0.75}}, {name: mix,"
                        + " operator: bcwi, settings: {from: slow, new-weight: 0.25" + setting + "}}]}");
    }

    private Made run(SmallLog log, boolean fromRetained) throws Exception {
        return run(OTHER, log, fromRetained, log::consumer);
    }

    private Made run(Plan plan, SmallLog log) throws Exception {
        return run(plan, log, true, log::consumer);
    }

    private Made run(Plan plan, SmallLog log, boolean fromRetained, Supplier<Consumer<byte[], byte[]>> consumers)
            throws Exception {
        Map<String, Manifest> manifests = new TreeMap<>();
        Map<String, byte[]> files = new TreeMap<>();
        Path work = Files.createTempDirectory(folder, "work");
        PlannedReplay.Report report = new PlannedReplay(new Topics("m"), codec, log.partitionCount(), 2, consumers)
                .run(
                        plan,
                        plan.channels().stream().map(ChannelPlan::name).collect(Collectors.toSet()),
                        true,
                        fromRetained,
                        work,
                        (manifest, weights) -> {
                            String name = manifest.getChannel() + " " + manifest.getVersion();
                            manifests.put(name, manifest);
                            try {
                                files.put(name, Files.readAllBytes(weights));
                                Files.delete(weights);
                            } catch (IOException failed) {
                                throw new UncheckedIOException(failed);
                            }
                        });
        return new Made(report, manifests, files);
    }

    private static void assertSameFiles(Made made, Made wanted) {
        assertThat(made.files()).isNotEmpty().containsOnlyKeys(wanted.files().keySet());
        wanted.files()
                .forEach((version, bytes) -> assertThat(
                                Arrays.equals(made.files().get(version), bytes))
                        .as(version)
                        .isTrue());
    }

    private static ByteBuffer chunk(long content, int number) {
        var chunk = LAYOUT.chunk(number);
        ByteBuffer bytes = ByteBuffer.allocate(chunk.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < chunk.elements(); i++) {
            double value = Math.sin(content * 31.7 + number * 7.3 + i) + 0.1 * content;
            if (LAYOUT.tensorOf(chunk).dtype() == Dtype.F64) {
                bytes.putDouble(value);
            } else {
                bytes.putFloat((float) value);
            }
        }
        return bytes.flip();
    }
}
