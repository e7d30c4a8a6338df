package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.schemas.tensor.Dtype;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("B13 sparse-soup")
final class SparseSoupTest {
    private static final long SEED = 20_261_129;
    private static final Operator SOUP = Operators.create("sparse-soup", Map.of());

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16", "F8_E5M2"})
    void theMaskStaysItsZerosArePlusAndBothZerosAreZeros(Dtype dtype) {
        Models.Folded one = Models.of(SOUP, dtype).one(of(0, 1, -0.0, 3));
        assertThat(one.newest()).as("-0 of the first").containsExactly(0, 1, 0, 3);
        Models.Folded two = Models.of(SOUP, dtype).one(of(0, 1, -0.0, 3), of(-0.0, 3, 0, 5), of(-0.0, 2, -0.0, 4));
        assertThat(two.entered()).hasSize(3);
        assertThat(two.newest()).containsExactly(0, 2, 0, 4);
        assertThat(Double.doubleToRawLongBits(two.newest()[2])).isZero();
    }

    @Test
    void aModelWithOtherZerosPassesByByNameAndMovesNothing() {
        double[][] first = {of(1, 2), of(0, 1, 0, 3)};
        double[][] more = {of(3, 4), of(0, 3, 1, 0)};
        double[][] fewer = {of(3, 0), of(0, 3, 0, 1)};
        double[][] same = {of(3, 4), of(0, 3, -0.0, 5)};
        Models.Folded folded = Models.of(SOUP, Dtype.F32).many(first, more, fewer, same);
        assertThat(folded.entered()).containsExactly(0, 3);
        assertThat(folded.steps().get(1).passedBy())
                .isEqualTo("mask-differs: tensor t1 has 2 zeros more or fewer than the first model's, 2 in all tensors;"
                        + " allowed: the same zeros in every model");
        assertThat(folded.steps().get(2).passedBy()).startsWith("mask-differs: tensor t0 has 1 zeros");
        assertThat(folded.steps().get(1).unfit()).isTrue();
        assertThat(folded.after(2)).isEqualTo(folded.after(0));
        assertThat(folded.newest()).containsExactly(2, 3, 0, 2, 0, 4);
    }

    @Test
    void tensorsThatAreNotAveragedHaveNoMask() {
        List<TensorPolicy.Rule> rules = List.of(new TensorPolicy.Rule("t0", TensorPolicy.COPY_LATEST));
        Models.Folded folded = new Models(SOUP, Dtype.F32, 4, -1, rules)
                .many(new double[][] {of(0, 1), of(0, 2)}, new double[][] {of(5, 0), of(0, 4)});
        assertThat(folded.newest()).containsExactly(5, 0, 0, 3);
    }

    @Test
    void valuesThatCancelOutAreNoZerosOfTheMask() {
        Models.Folded folded = Models.of(SOUP, Dtype.F32).one(of(1, 0), of(-1, 0), of(3, 0));
        assertThat(folded.entered()).hasSize(3);
        assertThat(folded.after(1)).containsExactly(0, 0);
        assertThat(folded.newest()).containsExactly(1, 0);
    }

    @Test
    void onTheSupportItIsTheUniformSoupBitForBitAndWhatIsMaskedIsZero() {
        Random random = new Random(SEED);
        for (Dtype dtype : List.of(Dtype.F32, Dtype.BF16, Dtype.F64)) {
            boolean[] mask = new boolean[5_000];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = random.nextInt(10) == 0;
            }
            double[][] models = new double[6][mask.length];
            for (double[] model : models) {
                for (int i = 0; i < mask.length; i++) {
                    model[i] = mask[i] ? 0.5 + random.nextInt(64) / 64.0 : random.nextBoolean() ? 0 : -0.0;
                }
            }
            Models.Folded sparse = Models.of(SOUP, dtype).one(models);
            Models.Folded dense =
                    Models.of(Operators.create("uniform-soup", Map.of()), dtype).one(models);
            assertThat(sparse.entered()).as("seed %d %s", SEED, dtype).hasSize(6);
            for (int i = 0; i < mask.length; i++) {
                double expected = mask[i] ? dense.newest()[i] : 0.0;
                assertThat(Double.compare(sparse.newest()[i], expected))
                        .as("%s element %d", dtype, i)
                        .isZero();
            }
        }
    }

    @Test
    void weightsGoByTheOrderOfEntry() {
        Operator weighed = Operators.create("sparse-soup", Map.of("weights", "1,3"));
        Models.Folded folded = Models.of(weighed, Dtype.F64).one(of(0, 1), of(1, 1), of(0, 5), of(-0.0, 9));
        // The second passed by: 5 and 9 count 3 each.
        assertThat(folded.newest()).containsExactly(of(0, (1 + 15 + 27) / 7.0), within(1e-14));
    }

    @Test
    void theBytesDoNotDependOnTheChunksOrOnAStateThatIsResumed() {
        Random random = new Random(SEED);
        List<double[]> models = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            double[] model = new double[100];
            for (int e = 0; e < model.length; e++) {
                // The fifth has other zeros.
                model[e] = e % (i == 4 ? 4 : 3) == 0 ? 0 : random.nextGaussian();
            }
            models.add(model);
        }
        double[][] stream = models.toArray(double[][]::new);
        Models.Folded whole = new Models(SOUP, Dtype.F32, 1_000, -1, List.of()).one(stream);
        assertThat(whole.entered()).hasSize(7).doesNotContain(4);
        for (int resumeAt : List.of(-1, 1, 5)) {
            Models.Folded cut = new Models(SOUP, Dtype.F32, 7, resumeAt, List.of()).one(stream);
            assertThat(cut.steps()).isEqualTo(whole.steps());
            assertThat(cut.emitted()).usingRecursiveComparison().isEqualTo(whole.emitted());
        }
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.create("sparse-soup", Map.of("weights", "1,0")))
                .withMessageContaining("setting weights: 1,0 is not allowed");
    }

    private static double[] of(double... values) {
        return values;
    }
}
