package dev.weir.operators.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fold adds differences, so that a wrong sum would show in no result of equal models: it is refused here. */
final class CoefficientsTest {
    private static final Models TWO_TENSORS = new Models(2, List.of(), List.of("a", "b"), List.of());

    @ParameterizedTest
    @ValueSource(doubles = {0.49, 0.5 + 1e-8, -0.5, Double.NaN, Double.POSITIVE_INFINITY})
    void coefficientsThatDoNotSumToOneAreRefused(double second) {
        double[] row = {0.5, second};
        String message = "coefficients [0.5, " + second + "] do not sum to 1";
        assertThatIllegalStateException()
                .isThrownBy(() -> Coefficients.same(TWO_TENSORS, row))
                .withMessage(message);
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        Coefficients.byName(TWO_TENSORS, name -> name.equals("b") ? row : new double[] {0.5, 0.5}))
                .withMessage(message);
        assertThatIllegalStateException()
                .isThrownBy(() -> Coefficients.byTensor(TWO_TENSORS, tensor -> tensor == 1 ? row : new double[] {1, 0}))
                .withMessage(message);
    }

    @Test
    void roundingMayGrowWithTheMagnitudes() {
        double[] large = {1e6, 1 - 1e6 + 1e-4};
        assertThat(Coefficients.same(TWO_TENSORS, large).of(1)).containsExactly(large);
        assertThatIllegalStateException()
                .isThrownBy(() -> Coefficients.same(TWO_TENSORS, new double[] {1e6, 1 - 1e6 + 1e-2}));
    }
}
