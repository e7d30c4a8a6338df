package dev.weir.operators.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SpdSystemTest {

    @Test
    void aSystemNearASingularOneIsRefusedWithWhatToDo() {
        double[][] near = {{1, 1}, {1, 1 + 1e-12}};
        assertThatThrownBy(() -> SpdSystem.solve("Gram matrix of 0.weight", near, new double[2][1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Gram matrix of 0.weight: has a condition of about 4.0e+12")
                .hasMessageEndingWith("too near to a singular matrix; allowed: a condition of at most 1.0E10; take more"
                        + " examples or a larger ridge");
        assertThat(SpdSystem.solve("near", near, new double[][] {{1}, {1}}, 1e14)
                        .condition())
                .isBetween(3.9e12, 4.1e12);
    }

    @Test
    void singularAndIndefiniteSystemsAreRefused() {
        for (double[][] matrix : new double[][][] {{{1, 1}, {1, 1}}, {{1, 2}, {2, 1}}, {{1, 0}, {0, 0}}, {{-1}}}) {
            assertThatThrownBy(() -> SpdSystem.solve("G", matrix, new double[matrix.length][1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("take more examples or a larger ridge");
        }
    }

    @Test
    void whatIsNoSymmetricMatrixOfNumbersIsRefused() {
        assertThatThrownBy(() -> SpdSystem.solve("G", new double[][] {{1, 0.5}, {0.25, 1}}, new double[2][1]))
                .hasMessage("G: holds 0.25 at (1, 0) and 0.5 at (0, 1); allowed: a symmetric matrix of finite numbers");
        assertThatThrownBy(() -> SpdSystem.solve("G", new double[][] {{1, 0.5}, {Double.NaN, 1}}, new double[2][1]))
                .hasMessageContaining("allowed: a symmetric matrix of finite numbers");
        assertThatThrownBy(() -> SpdSystem.solve("G", new double[][] {{1, 0}, {0}}, new double[2][1]))
                .hasMessage("G: row 1 has 1 numbers; allowed: 2");
        assertThatThrownBy(() -> SpdSystem.solve("G", new double[][] {{1}}, new double[2][1]))
                .hasMessage("G: 1 rows for a right side of 2; allowed: equally many");
    }

    @Test
    void rowsOfVeryDifferentSizeAreNoIllCondition() {
        double[][] matrix = {{1e-200, 0.5e-100}, {0.5e-100, 1}};
        SpdSystem.Solution solution = SpdSystem.solve("G", matrix, new double[][] {{1e-100}, {1}});
        assertThat(solution.condition()).isLessThan(10);
        assertThat(solution.values()[0][0]).isCloseTo(2e100 / 3, within(1e86));
        assertThat(solution.values()[1][0]).isCloseTo(2 / 3.0, within(1e-15));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 17, 200, 513})
    void theSolutionSolvesTheSystem(int n) {
        Random random = new Random(n);
        double[][] matrix = new double[n][n];
        double[][] right = new double[n][3];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                matrix[i][j] = random.nextGaussian();
                matrix[j][i] = matrix[i][j];
            }
            matrix[i][i] = 3 * Math.sqrt(n) + 1;
            for (int j = 0; j < 3; j++) {
                right[i][j] = random.nextGaussian();
            }
        }
        double[][] solved = SpdSystem.solve("G", matrix, right).values();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < 3; j++) {
                double sum = 0;
                for (int k = 0; k < n; k++) {
                    sum += matrix[i][k] * solved[k][j];
                }
                assertThat(sum).as("seed %d", n).isCloseTo(right[i][j], within(1e-12));
            }
        }
    }
}
