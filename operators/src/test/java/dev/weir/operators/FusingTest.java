package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.schemas.tensor.Dtype;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("B6 fusing")
final class FusingTest {
    private static final long SEED = 20_261_129;

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "BF16"})
    void oneModelIsTheIdentity(Dtype dtype) {
        double[] model = {1, -2.5, 0.375};
        assertThat(fold(dtype, Map.of(), model).newest()).containsExactly(model);
        assertThat(fold(dtype, Map.of("share", 0.5), model).newest())
                .as("the base alone")
                .containsExactly(model);
        double[] base = {7, 7, 7};
        assertThat(fold(dtype, Map.of("share", 1, "models", 1), base, model).newest())
                .containsExactly(model);
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "BF16"})
    void oneRoundIsTheUniformSoupBitForBit(Dtype dtype) {
        double[][] models = models(5, 3_000);
        assertThat(fold(dtype, Map.of(), models).emitted())
                .usingRecursiveComparison()
                .isEqualTo(Models.of(Operators.create("uniform-soup", Map.of()), dtype)
                        .one(models)
                        .emitted());
    }

    @Test
    void aRoundGoesAShareOfTheWayFromTheBase() {
        Models.Folded folded =
                fold(Dtype.F64, Map.of("share", 0.25, "models", 2), of(8, 0), of(4, 4), of(0, 0), of(1, 1), of(3, 5));
        assertThat(folded.after(0)).containsExactly(8, 0);
        assertThat(folded.after(1)).as("so far").containsExactly(7, 1);
        assertThat(folded.after(2)).containsExactly(6.5, 0.5);
        assertThat(folded.newest()).containsExactly(6.5 + 0.25 * (2 - 6.5), 0.5 + 0.25 * (3 - 0.5));
        assertThat(folded.steps().stream().map(step -> step.coefficients().getFirst()))
                .containsExactly(0.0, 1.0, 2.0, 1.0, 2.0);
    }

    @Test
    void roundsAreAnEmaOfTheMeans() {
        Random random = new Random(SEED);
        for (int round = 0; round < 100; round++) {
            double share = 0.05 + 0.9 * random.nextDouble();
            double first = random.nextGaussian();
            double[] contributors = random.doubles(4, -1, 1).toArray();
            double mean = Arrays.stream(contributors).average().orElseThrow();
            double[][] stream = new double[1 + 6 * 4][];
            stream[0] = of(first);
            for (int i = 1; i < stream.length; i++) {
                stream[i] = of(contributors[(i - 1) % 4]);
            }
            double base =
                    fold(Dtype.F64, Map.of("share", share, "models", 4), stream).newest()[0];
            assertThat(base)
                    .as("seed %d round %d", SEED, round)
                    .isCloseTo(mean + Math.pow(1 - share, 6) * (first - mean), within(1e-12));
        }
    }

    @Test
    void weightsOfAnotherAncestorPassByAndDoNotCountInTheRound() {
        Operator fusing = Operators.create("fusing", Map.of("share", 0.5, "models", 2));
        Step base = fusing.step(Progress.START, new Checkpoint(1, "a", 1, Map.of("ancestor", "vit")));
        Step first = fusing.step(base.next(), new Checkpoint(2, "b", 1, Map.of("ancestor", "vit")));
        Step foreign = fusing.step(first.next(), new Checkpoint(3, "c", 1, Map.of("ancestor", "resnet")));
        Step silent = fusing.step(foreign.next(), new Checkpoint(4, "d", 1));
        assertThat(first.coefficients()).containsExactly(1.0, 0.0);
        assertThat(foreign.enters()).isFalse();
        assertThat(foreign.unfit()).isTrue();
        assertThat(foreign.passedBy()).isEqualTo("ancestor-differs: run c descends from resnet; allowed: vit");
        assertThat(foreign.next()).isEqualTo(first.next());
        assertThat(silent.coefficients()).containsExactly(2.0, 1.0);
    }

    @Test
    void aVersionIsDueAtARoundsEndAndForTheFirstBase() {
        assertThat(due(Map.of("share", 0.5, "models", 3), 8)).containsExactly(0, 3, 6);
        assertThat(due(Map.of("models", 3), 8)).containsExactly(2, 5);
        assertThat(due(Map.of("share", 0.5), 4)).containsExactly(0, 1, 2, 3);
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "BF16"})
    void theBytesDoNotDependOnTheChunksOrOnAStateThatIsResumed(Dtype dtype) {
        double[][] models = models(11, 100);
        for (Map<String, ?> settings : List.of(Map.of("share", 0.3, "models", 3), Map.of("models", 3))) {
            Operator operator = Operators.create("fusing", settings);
            Models.Folded whole = new Models(operator, dtype, 1_000, -1, List.of()).one(models);
            for (int resumeAt : List.of(-1, 1, 2, 4, 7)) {
                assertThat(new Models(operator, dtype, 7, resumeAt, List.of())
                                .one(models)
                                .emitted())
                        .as("%s resumed at %d", settings, resumeAt)
                        .usingRecursiveComparison()
                        .isEqualTo(whole.emitted());
            }
        }
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.create("fusing", Map.of("share", 1.5)))
                .withMessageContaining("setting share: 1.5 is not allowed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.create("fusing", Map.of("models", -1)))
                .withMessageContaining("setting models: -1 is not allowed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.create("fusing", Map.of("heads", "head*")))
                .withMessageContaining("setting heads: unknown; allowed: share, models");
    }

    /** Numbers of the models after which a version is due. */
    private static List<Integer> due(Map<String, ?> settings, int count) {
        Operator operator = Operators.create("fusing", settings);
        List<Step> steps = fold(Dtype.F64, settings, models(count, 2)).steps();
        return IntStream.range(0, count)
                .filter(i -> operator.emits(steps.get(i).next()))
                .boxed()
                .toList();
    }

    private static Models.Folded fold(Dtype dtype, Map<String, ?> settings, double[]... models) {
        return Models.of(Operators.create("fusing", settings), dtype).one(models);
    }

    private static double[][] models(int count, int elements) {
        Random random = new Random(SEED);
        double[][] models = new double[count][];
        for (int i = 0; i < count; i++) {
            models[i] = random.doubles(elements, -1, 1).toArray();
        }
        return models;
    }

    private static double[] of(double... values) {
        return values;
    }
}
