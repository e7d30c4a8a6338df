package dev.weir.topology.replay;

import static dev.weir.topology.replay.SmallModel.LAYOUT;
import static dev.weir.topology.replay.SmallModel.chunk;
import static dev.weir.topology.replay.SmallModel.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import dev.weir.topology.coordinate.BaselineRun;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanFormat;
import dev.weir.topology.store.FoldException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a log whose beginning is gone, folded into the channels of another plan. */
final class RetainedReplayTest {
    private static final Plan OTHER = PlanFormat.parse("{model: m, channels: [{name: slow, operator: ema, settings:"
            + " {decay: 0.75}}, {name: window, operator: lawa, settings: {window: 2}}, {name: stock, operator: model-stock},"
            + " {name: mix, operator: bcwi, settings: {from: slow, new-weight: 0.25}}]}");
    private static final Plan FOLLOWING = mixing("");
    private static final Plan KEEPING = mixing(", keep-baseline: true");

    private final RecordCodec codec =
            Registry.connect("mock://retained-replay", Map.of()).codec();

    @TempDir
    private Path folder;

    @Test
    void itBeginsWithTheFirstCheckpointThatIsWholeInEveryPartition() throws Exception {
        // In partitions 1 and 2: plan, open, then two chunks, an end and a decision a checkpoint.
        SmallLog cut = three().cut(0, 2).cut(1, 3).cut(2, 7);

        Made made = run(cut, true);

        assertThat(made.retained()).isEqualTo(new Retained(4, 1, 2, 2, OptionalLong.of(0)));
        assertThat(made.report().checkpoints()).isEqualTo(1);
        assertThat(made.report().lastSeq()).isEqualTo(4);
        made.assertSameFiles(run(log(3).open().checkpoint(1, number -> chunk(3, number), Verdict.COMMIT), false));
        Manifest slow = made.manifest("slow 1");
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
        made.assertSameFiles(run(three(), false));
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
        assertThat(made.retained()).isEqualTo(new Retained(3, 2, 1, 1, OptionalLong.of(0)));
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
        SmallLog log = log(1).open("b", 1, false).beside("m.keyframes", head(1, 0));
        full(log, "b", 1, 8);
        int cut = 3;
        log.open("a", 1, true);
        full(log, "a", 1, 1);
        commit(log, "a", 1);
        commit(log, "b", 1);
        log.send("a", 1, 2, 1, number -> chunk(number == 0 ? 1 : 2, number), number -> number == 0, List.of());
        commit(log, "a", 2);

        Made made = run(log.cut(0, cut), true);

        assertThat(made.retained()).isEqualTo(new Retained(4, 1, 2, 2, OptionalLong.of(0)));
        made.assertSameFiles(run(
                log(1).open().checkpoint(2, number -> chunk(number == 0 ? 1 : 2, number), Verdict.COMMIT), false));
    }

    @Test
    void aLayoutThatNoOpenHasAnyMoreIsThatOfAManifestOrAKeyframe() throws Exception {
        Made wanted = run(log(2).open().checkpoint(3, number -> chunk(3, number), Verdict.COMMIT), false);
        Manifest manifest = wanted.manifest("slow 1");
        for (SmallLog log : List.of(
                beginsWithout(2).beside("m.snapshots", manifest),
                beginsWithout(2).beside("m.keyframes", head(1, 0)))) {
            run(log, true).assertSameFiles(wanted);
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
        Manifest mix = made.manifest("mix 1");
        assertThat(mix.getIngredients().getFirst().getRun()).isEqualTo(BaselineRun.NAME);
        assertThat(mix.getIngredients().getFirst().getStep()).isEqualTo(2);
    }

    @Test
    void anAverageThatKeepsItsBaselineKeepsTheFirstThatIsLeft() throws Exception {
        SmallLog log = log(2).open();
        pin(log, 1);
        log.checkpoint(1, number -> chunk(1, number), Verdict.COMMIT);
        long before = log.end(0);
        pin(log, 2);
        log.checkpoint(2, number -> chunk(2, number), Verdict.COMMIT);
        pin(log, 3);
        log.checkpoint(3, number -> chunk(3, number), Verdict.COMMIT).cut(0, (int) before);
        SmallLog only = log(2).open();
        pin(only, 2);
        only.checkpoint(2, number -> chunk(2, number), Verdict.COMMIT)
                .checkpoint(3, number -> chunk(3, number), Verdict.COMMIT);

        Made made = run(KEEPING, log);

        assertThat(made.retained().firstSeq()).isGreaterThan(4);
        made.assertSameFiles(run(FOLLOWING, only));
        assertThat(made.files()).containsKeys("mix 1", "mix 2");
        assertThat(made.files().get("mix 2"))
                .as("without the setting the newest baseline is mixed in")
                .isNotEqualTo(run(FOLLOWING, log).files().get("mix 2"));
        Manifest mix = made.manifest("mix 2");
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
            AnyLog any = new AnyLog(codec, random, 1 + random.nextInt(4));
            long first = any.cut();
            if (first == 0) {
                assertThatThrownBy(() -> run(any.log(), true)).as(name).isInstanceOf(FoldException.class);
                continue;
            }
            found++;
            Made made = run(any.log(), true);
            assertThat(made.retained().firstSeq()).as(name).isEqualTo(first);
            made.assertSameFiles(run(any.rest(), false));
            assertThat(made.report().checkpoints()).as(name).isEqualTo(any.trainedFrom(first));
            long known = made.retained().knownSeq();
            assertThat(made.retained().gone())
                    .as(name)
                    .isEqualTo(
                            any.keyframe() + 1 < known
                                    ? OptionalLong.empty()
                                    : OptionalLong.of(any.acceptedUpTo(known - 1)));
        }
        assertThat(found).as("seed %d", seed).isBetween(4, 20);
    }

    private SmallLog log(int partitions) {
        return SmallModel.log(codec, partitions);
    }

    private OptionalLong gone(SmallLog log) throws Exception {
        return run(log, true).retained().gone();
    }

    private SmallLog three() {
        SmallLog log = log(3).beside("m.keyframes", head(1, 0)).open();
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
        return Made.of(log, consumers, 2, plan, true, fromRetained, folder);
    }
}
