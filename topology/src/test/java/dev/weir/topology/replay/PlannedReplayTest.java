package dev.weir.topology.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.operators.Checkpoint;
import dev.weir.operators.ChunkFold;
import dev.weir.operators.CompanionSums;
import dev.weir.operators.Operator;
import dev.weir.operators.Progress;
import dev.weir.operators.Step;
import dev.weir.operators.Sums;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.shape.Companion;
import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Companions;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanFormat;
import dev.weir.topology.store.FoldException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small log of any number of partitions, folded into the channels of another plan. */
final class PlannedReplayTest {
    private static final String LIVE = "{model: m, channels: [{name: live, operator: swa}]}";
    private static final Plan OTHER = PlanFormat.parse(
            "{model: m, channels: [{name: slow, operator: ema, settings:"
                    + " {decay: 0.75}}, {name: window, operator: lawa, emit-every: 2, settings: {window: 2}}, {name: stock,"
                    + " operator: model-stock}, {name: fisher, operator: fisher},"
                    + " {name: near, operator: naswa, settings: {tensors: f64}}], tensors: [{pattern: skipped, policy: skip}]}");
    private static final Layout LAYOUT = Layout.of(
            List.of(
                    new TensorSpec("f64", Dtype.F64, List.of(7L)),
                    new TensorSpec("long", Dtype.F32, List.of(19L)),
                    new TensorSpec("skipped", Dtype.F32, List.of(3L)),
                    new TensorSpec("steps", Dtype.I64, List.of(1L))),
            4);
    private static final List<Long> ACCEPTED = List.of(1L, 2L, 4L, 5L);
    /** How many were accepted when one entered that channel; the fourth passed by. */
    private static final List<Integer> NEAR = List.of(1, 2, 3);

    private final RecordCodec codec =
            Registry.connect("mock://planned-replay", Map.of()).codec();

    @TempDir
    private Path folder;

    @Test
    void everyVersionIsTheFoldOfTheAcceptedCheckpoints() throws Exception {
        Made made = run(log(3), 2, OTHER, true);
        assertThat(made.report().checkpoints()).isEqualTo(ACCEPTED.size());
        assertThat(made.report().lastSeq()).isEqualTo(7);
        assertThat(made.report().records()).isEqualTo(log(3).records());
        assertThat(made.report().versions())
                .isEqualTo(Map.of("slow", 4, "window", 2, "stock", 4, "fisher", 3, "near", NEAR.size()));
        for (String channel : List.of("slow", "stock")) {
            for (int count = 1; count <= ACCEPTED.size(); count++) {
                assertThat(made.weights(channel + " " + count))
                        .as(channel + " after " + count)
                        .isEqualTo(folded(channel, count));
            }
        }
        for (int count = 1; count <= 3; count++) {
            assertThat(made.weights("fisher " + count))
                    .as("fisher after " + count)
                    .isEqualTo(folded("fisher", count));
        }
        assertThat(made.manifest("fisher 3").getIngredients())
                .extracting(Ingredient::getStep)
                .as("step 4 came without one")
                .containsExactly(1L, 2L, 5L);
        for (int version = 1; version <= NEAR.size(); version++) {
            assertThat(made.weights("near " + version))
                    .as("near after " + NEAR.get(version - 1))
                    .isEqualTo(folded("near", NEAR.get(version - 1)));
        }
        assertThat(made.weights("window 2")).isEqualTo(folded("window", 4));
        Manifest second = made.manifest("slow 2");
        assertThat(second.getIngredients()).extracting(Ingredient::getStep).containsExactly(1L, 2L);
        assertThat(second.getSeq()).isEqualTo(3);
    }

    @Test
    void theBytesDoNotDependOnPartitionsAndThreadsAndTheNewestAloneIsTheNewest() throws Exception {
        Made one = run(log(1), 1, OTHER, true);
        for (int partitions : List.of(2, 5, 20)) {
            assertThat(run(log(partitions), 4, OTHER, true).files())
                    .as(partitions + " partitions")
                    .usingRecursiveComparison()
                    .isEqualTo(one.files());
        }
        Made newest = run(log(2), 2, OTHER, false);
        assertThat(newest.files()).containsOnlyKeys("slow 4", "window 2", "stock 4", "fisher 3", "near " + NEAR.size());
        assertThat(newest.report().versions()).containsEntry("near", 1).containsEntry("slow", 1);
        newest.files()
                .forEach((version, bytes) ->
                        assertThat(bytes).isEqualTo(one.files().get(version)));
    }

    @Test
    void aCutLogIsRefusedByOffset() {
        assertThatThrownBy(() -> run(log(3).cut(1, 2), 2, OTHER, false))
                .isInstanceOf(BeginningGoneException.class)
                .hasMessageContaining("m.deltas-1: offsets 0 to 1 are gone; from decision 2 on")
                .hasMessageContaining("4 checkpoints");
    }

    @Test
    void companionsOfWhatIsLeftAreLeft() throws Exception {
        SmallLog rest = new SmallLog(codec, LAYOUT, 3)
                .plan(LIVE)
                .open()
                .checkpoint(2, number -> chunk(2, number, 0), List.of("mask", "fisher"), Verdict.COMMIT)
                .checkpoint(4, number -> chunk(4, number, 0), Verdict.COMMIT)
                .checkpoint(5, number -> chunk(5, number, 0), List.of("mask", "fisher"), Verdict.COMMIT);
        Made made = run(log(3).cut(1, 3), 2, OTHER, true, true);
        assertThat(made.retained()).isEqualTo(new Retained(3, 3, 1, 1, OptionalLong.of(0)));
        assertThat(made.files())
                .containsKey("fisher 2")
                .usingRecursiveComparison()
                .isEqualTo(run(rest, 2, OTHER, true).files());
    }

    @Test
    void aTensorThatNobodyLookedAtIsLookedAtNow() {
        SmallLog log = new SmallLog(codec, LAYOUT, 2)
                .plan("{model: m, channels: [{name: a, operator: swa}], tensors: [{pattern: f64, policy: skip}]}")
                .open()
                .checkpoint(1, number -> chunk(1, number, Double.NaN), Verdict.COMMIT);
        assertThatThrownBy(() -> run(log, 1, OTHER, false))
                .isInstanceOf(FoldException.class)
                .hasMessageContaining("commits step 1 of run merge, which is refused here: non-finite: tensor f64");
    }

    private SmallLog log(int partitions) {
        return new SmallLog(codec, LAYOUT, partitions)
                .plan(LIVE)
                .open()
                .checkpoint(1, number -> chunk(1, number, 0), List.of("mask", "fisher"), Verdict.COMMIT)
                .checkpoint(2, number -> chunk(2, number, 0), List.of("mask", "fisher"), Verdict.COMMIT)
                .checkpoint(3, number -> chunk(3, number, 0), Verdict.ABORT)
                .plan("{model: m, channels: [{name: slow, operator: swa}]}")
                .checkpoint(4, number -> chunk(4, number, 0), Verdict.COMMIT)
                .checkpoint(5, number -> chunk(5, number, 0), List.of("mask", "fisher"), Verdict.COMMIT);
    }

    private Made run(SmallLog log, int threads, Plan plan, boolean all) throws Exception {
        return run(log, threads, plan, all, false);
    }

    private Made run(SmallLog log, int threads, Plan plan, boolean all, boolean fromRetained) throws Exception {
        return Made.of(log, log::consumer, threads, plan, all, fromRetained, folder);
    }

    /** The average of the first accepted checkpoints, folded chunk after chunk on this thread. */
    private static byte[] folded(String channel, int count) {
        Operator operator = OTHER.channel(channel).orElseThrow().create();
        Map<Integer, ChunkFold> folds = new HashMap<>();
        for (int number = 0; number < LAYOUT.chunkCount(); number++) {
            TensorSpec tensor = LAYOUT.tensorOf(LAYOUT.chunk(number));
            if (TensorPolicy.of(tensor, OTHER.tensors()) != TensorPolicy.SKIP) {
                TensorPolicy policy = TensorPolicy.of(tensor, OTHER.tensors());
                folds.put(number, new ChunkFold(Kernel.create(), operator, policy, tensor, LAYOUT.chunk(number)));
            }
        }
        ByteBuffer all = ByteBuffer.allocate((int) LAYOUT.byteSize() - 3 * Float.BYTES);
        try (Arena arena = Arena.ofConfined()) {
            Progress progress = Progress.START;
            List<Double> newest = List.of();
            boolean accompanied = !operator.companion().isEmpty();
            List<Long> steps =
                    ACCEPTED.stream().filter(one -> !accompanied || one != 4).toList();
            for (long checkpoint : steps.subList(0, count)) {
                List<double[]> sums = new ArrayList<>();
                int numbers =
                        accompanied ? CompanionSums.NUMBERS : operator.shape().reductions();
                LAYOUT.tensors().forEach(tensor -> sums.add(new double[numbers]));
                new TreeMap<>(folds).forEach((number, fold) -> {
                    Companion companion = companion(operator, checkpoint, number);
                    double[] part = companion == null
                            ? fold.reduce(MemorySegment.ofBuffer(chunk(checkpoint, number, 0)))
                            : CompanionSums.of(
                                    Kernel.create(),
                                    companion,
                                    LAYOUT.chunk(number).elements());
                    double[] sum = sums.get(LAYOUT.chunk(number).tensor());
                    for (int i = 0; i < numbers; i++) {
                        sum[i] += i < part.length ? part[i] : 0;
                    }
                });
                Sums known = new Sums(sums).of(LAYOUT.tensors(), OTHER.tensors());
                Step step = operator.step(progress, new Checkpoint(checkpoint, "merge", checkpoint), known);
                progress = step.next();
                if (!step.enters()) {
                    continue;
                }
                List<Double> coefficients = step.coefficients();
                newest = coefficients;
                folds.forEach((number, fold) -> fold.update(
                        arena,
                        MemorySegment.ofBuffer(chunk(checkpoint, number, 0)),
                        companion(operator, checkpoint, number),
                        coefficients));
            }
            List<Double> emitted = newest;
            new TreeMap<>(folds).forEach((number, fold) -> {
                MemorySegment out = arena.allocate(LAYOUT.chunk(number).byteSize(), 8);
                fold.emit(emitted, out);
                all.put(out.asByteBuffer());
            });
        }
        return all.array();
    }

    /** The second companion of a checkpoint, of a tensor that is averaged. */
    private static @Nullable Companion companion(Operator operator, long step, int number) {
        return operator.companion().isEmpty() || !Companions.have(LAYOUT, LAYOUT.chunk(number))
                ? null
                : new Companion(
                        MemorySegment.ofBuffer(chunk(step, Companions.number(LAYOUT, 2, number), 0)), Dtype.F32);
    }

    /**
     * A chunk of the weights, or of a companion.
     *
     * @param odd added to the first value of an f64 chunk
     */
    private static ByteBuffer chunk(long step, int number, double odd) {
        if (number >= LAYOUT.chunkCount()) {
            ChunkSpec beside = LAYOUT.chunk(number % LAYOUT.chunkCount());
            ByteBuffer numbers =
                    ByteBuffer.allocate(Companions.byteSize(beside)).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < beside.elements(); i++) {
                numbers.putFloat((float) Math.abs(Math.sin(step * 17.3 + number * 5.1 + i)));
            }
            return numbers.flip();
        }
        ChunkSpec chunk = LAYOUT.chunk(number);
        ByteBuffer bytes = ByteBuffer.allocate(chunk.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < chunk.elements(); i++) {
            double value = Math.sin(step * 31.7 + number * 7.3 + i) + 0.1 * step;
            switch (LAYOUT.tensorOf(chunk).dtype()) {
                case F64 -> bytes.putDouble(i == 0 ? value + odd : value);
                case I64 -> bytes.putLong(step);
                default -> bytes.putFloat((float) value);
            }
        }
        return bytes.flip();
    }
}
