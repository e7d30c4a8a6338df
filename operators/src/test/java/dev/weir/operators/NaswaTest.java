package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.schemas.tensor.Dtype;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A2 naswa")
final class NaswaTest {
    private static final long SEED = 20_261_129;

    @Test
    void aCheckpointEntersOnlyAboveTheMeanOfWhatWasNotedSinceTheLastOneEntered() {
        // 1 from the mean 0: enters, mean 0.5. 0.3 is at 0.2: noted. 0.9 is at 0.4 <= (1 + 0.2) / 2: noted.
        // 1.2 is at 0.7 > (1 + 0.2 + 0.4) / 3: enters.
        Models.Folded folded = fold(Map.of(), of(0), of(1), of(0.3), of(0.9), of(1.2));
        assertThat(folded.entered()).containsExactly(0, 1, 4);
        assertThat(folded.newest()).containsExactly(of((0 + 1 + 1.2) / 3), within(1e-15));
        assertThat(folded.steps().get(2).passedBy()).isEqualTo("too-near: 0.2 from the average; enters: above 1.0");
        assertThat(folded.steps().get(2).unfit()).isFalse();
        assertThat(folded.steps().get(4).passedBy()).isEmpty();
        assertThat(folded.steps().get(4).next().sums()).containsExactly(0.7, 1.0);
    }

    @Test
    void notesAreForgottenAtAnEpochsEnd() {
        // Steps 3 and 5 begin epochs with nothing noted: 0.3 and 1.2 enter, and so does 0.9.
        Models.Folded folded = fold(Map.of("epoch-steps", 2), of(0), of(1), of(0.3), of(0.9), of(1.2));
        assertThat(folded.entered()).hasSize(5);
        assertThat(folded.newest()).containsExactly(of((0 + 1 + 0.3 + 0.9 + 1.2) / 5), within(1e-15));
        // A later epoch by one run is one for all; what is late belongs to it.
        Operator operator = Operators.create("naswa", Map.of("epoch-steps", 2));
        Progress progress = step(operator, Progress.START, "a", 1, 0).next();
        progress = step(operator, progress, "a", 3, 9).next();
        assertThat(progress.sums()).containsExactly(3.0, 1.0);
        assertThat(step(operator, progress, "b", 2, 4).passedBy()).contains("2.0 from the average; enters: above 3.0");
        assertThat(step(operator, progress, "b", 5, 4).enters()).isTrue();
    }

    @Test
    void onAConstantStreamOnlyTheFirstEntersAndNothingIsNoted() {
        Models.Folded folded = fold(Map.of(), of(1, 2), of(1, 2), of(1, 2), of(1, 2));
        assertThat(folded.entered()).containsExactly(0);
        assertThat(folded.steps().getLast().next().sums()).containsExactly(0.0, 0.0);
        assertThat(folded.steps().getLast().passedBy()).startsWith("too-near: 0.0 from the average");
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "BF16"})
    void everyAcceptedDistanceExceedsTheMeanOfThoseNotedSinceTheLastOneEntered(Dtype dtype) {
        Random random = new Random(SEED);
        int accepted = 0;
        int passed = 0;
        for (int round = 0; round < 40; round++) {
            boolean largest = random.nextBoolean();
            double[][][] models = models(random, 60);
            Operator operator = Operators.create("naswa", Map.of("distance", largest ? "max" : "mean"));
            Models.Folded folded = Models.of(operator, dtype).many(models);
            double sum = 0;
            int noted = 0;
            for (int t = 1; t < models.length; t++) {
                double r = distance(folded.steps(), models, t, dtype, largest);
                double bound = noted == 0 ? 0 : sum / noted;
                if (folded.steps().get(t).enters()) {
                    assertThat(r)
                            .as("seed %d round %d model %d", SEED, round, t)
                            .isGreaterThan(bound - 1e-12);
                    sum = r;
                    noted = 1;
                    accepted++;
                } else {
                    assertThat(r)
                            .as("seed %d round %d model %d", SEED, round, t)
                            .isLessThan(bound + 1e-12);
                    sum += r;
                    noted++;
                    passed++;
                }
            }
            assertThat(folded.entered().size()).isLessThanOrEqualTo(models.length);
        }
        assertThat(accepted).isGreaterThan(100);
        assertThat(passed).isGreaterThan(100);
    }

    @Test
    void whereEveryCheckpointEntersItIsSwaBitForBit() {
        double[][] models = new double[8][];
        for (int i = 0; i < models.length; i++) {
            models[i] = of(i * i, -Math.pow(2, i));
        }
        Models.Folded folded = fold(Map.of(), models);
        assertThat(folded.entered()).hasSize(8);
        Models.Folded swa =
                Models.of(Operators.create("swa", Map.of()), Dtype.F64).one(models);
        assertThat(folded.emitted()).usingRecursiveComparison().isEqualTo(swa.emitted());
        Models.Folded f32 =
                Models.of(Operators.create("naswa", Map.of()), Dtype.F32).one(models);
        assertThat(f32.emitted())
                .usingRecursiveComparison()
                .isEqualTo(Models.of(Operators.create("swa", Map.of()), Dtype.F32)
                        .one(models)
                        .emitted());
    }

    @Test
    void everyTensorThatMatchesCountsWhereverItStandsAndThoseThatAreNotAveragedDoNot() {
        double[][] still = new double[12][1];
        double[][] moved = new double[12][1];
        moved[11][0] = 4;
        Operator all = Operators.create("naswa", Map.of());
        assertThat(Models.of(all, Dtype.F64).many(still, moved).entered()).containsExactly(0, 1);
        Operator one = Operators.create("naswa", Map.of("tensors", "t6"));
        assertThat(Models.of(one, Dtype.F64).many(still, moved).entered()).containsExactly(0);
        List<TensorPolicy.Rule> rules = List.of(new TensorPolicy.Rule("t11", TensorPolicy.FREEZE));
        assertThat(new Models(all, Dtype.F64, 4, -1, rules).many(still, moved).entered())
                .containsExactly(0);
        Operator last = Operators.create("naswa", Map.of("tensors", "t11"));
        Step unmatched = new Models(last, Dtype.F64, 4, -1, rules)
                .many(still, moved)
                .steps()
                .getLast();
        assertThat(unmatched.unfit()).isTrue();
        assertThat(unmatched.passedBy())
                .isEqualTo("tensors-unmatched: setting tensors: t11 matches no tensor that is averaged");
        // The mean over the two averaged tensors, not over three.
        Models.Folded two = new Models(all, Dtype.F64, 4, -1, List.of(new TensorPolicy.Rule("t0", TensorPolicy.FREEZE)))
                .many(new double[][] {of(0), of(0), of(0)}, new double[][] {of(9), of(3), of(4, 0)});
        assertThat(two.steps().getLast().next().sums().getFirst()).isEqualTo(3.5);
    }

    @Test
    void theBytesDoNotDependOnTheChunksStateThatIsResumedOrWhoHoldsThem() {
        double[][][] models = models(new Random(SEED), 30);
        Operator operator = Operators.create("naswa", Map.of());
        Models.Folded whole = new Models(operator, Dtype.F32, 7, -1, List.of()).many(models);
        for (int resumeAt : List.of(1, 13, 29)) {
            Models.Folded resumed = new Models(operator, Dtype.F32, 7, resumeAt, List.of()).many(models);
            assertThat(resumed.steps()).isEqualTo(whole.steps());
            assertThat(resumed.emitted()).usingRecursiveComparison().isEqualTo(whole.emitted());
        }
        Models.Folded larger = new Models(operator, Dtype.F32, 1_000, -1, List.of()).many(models);
        assertThat(larger.entered()).isEqualTo(whole.entered());
        assertThat(larger.emitted()).usingRecursiveComparison().isEqualTo(whole.emitted());
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.create("naswa", Map.of("distance", "median")))
                .withMessageContaining("setting distance: median is not allowed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.create("naswa", Map.of("epoch-steps", -1)))
                .withMessageContaining("setting epoch-steps: -1 is not allowed");
    }

    /** From the plain mean of what has entered, computed here. */
    private static double distance(List<Step> steps, double[][][] models, int t, Dtype dtype, boolean largest) {
        double total = 0;
        double most = 0;
        for (int tensor = 0; tensor < models[0].length; tensor++) {
            double square = 0;
            for (int e = 0; e < models[0][tensor].length; e++) {
                double sum = 0;
                int count = 0;
                for (int i = 0; i < t; i++) {
                    if (steps.get(i).enters()) {
                        sum += models[i][tensor][e];
                        count++;
                    }
                }
                double difference = models[t][tensor][e] - sum / count;
                square += difference * difference;
            }
            total += Math.sqrt(square);
            most = Math.max(most, Math.sqrt(square));
        }
        return largest ? most : total / models[0].length;
    }

    /** A wandering model of three tensors, whose values every float dtype has. */
    private static double[][][] models(Random random, int count) {
        double[][][] models = new double[count][3][];
        for (int i = 0; i < count; i++) {
            for (int tensor = 0; tensor < 3; tensor++) {
                models[i][tensor] = new double[5 + 10 * tensor];
                for (int e = 0; e < models[i][tensor].length; e++) {
                    models[i][tensor][e] = random.nextInt(-64, 65) / 64.0 + (i / 8) / 4.0;
                    models[i][tensor][e] = Math.rint(models[i][tensor][e] * 32) / 32;
                }
            }
        }
        return models;
    }

    private static Step step(Operator operator, Progress progress, String run, long step, double square) {
        Sums sums = new Sums(List.of(new double[] {square}), List.of("w"));
        return operator.step(progress, new Checkpoint(step, run, step), sums);
    }

    private static Models.Folded fold(Map<String, ?> settings, double[]... models) {
        return Models.of(Operators.create("naswa", settings), Dtype.F64).one(models);
    }

    private static double[] of(double... values) {
        return values;
    }
}
