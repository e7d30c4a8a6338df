package dev.weir.operators.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SolveReferenceTest {

    static List<Reference> systems() throws IOException {
        return Reference.of("spd");
    }

    static List<Reference> games() throws IOException {
        return Reference.of("game");
    }

    static List<Reference> quadratics() throws IOException {
        return Reference.of("simplex");
    }

    static List<Reference> assignments() throws IOException {
        return Reference.of("assignment");
    }

    static List<Reference> ties() throws IOException {
        return Reference.of("ties");
    }

    @ParameterizedTest
    @MethodSource("systems")
    void solutionsAreAsGoodAsNumPysUpToACondition1e8(Reference system) {
        SpdSystem.Solution solution = SpdSystem.solve("G", system.matrix(0), system.matrix(1));
        double[][] exact = system.matrix(3);
        double condition = system.row(4)[0];
        double size = distance(exact, new double[exact.length][exact[0].length]);
        assertThat(distance(solution.values(), exact) / size).isLessThan(condition * 4e-16);
        assertThat(distance(solution.values(), system.matrix(2)) / size).isLessThan(condition * 4e-16);
        assertThat(solution.condition()).isBetween(condition / 3, condition * (1 + 1e-6));
    }

    @ParameterizedTest
    @MethodSource("games")
    void gamesHaveSciPysValuesAndStrategies(Reference game) {
        double[][] payoff = game.matrix(0);
        double value = MatrixGame.value(payoff);
        assertThat(value).isCloseTo(game.row(1)[0], within(1e-12));
        double[] rows = MatrixGame.rowStrategy(payoff, value);
        double[] columns = MatrixGame.columnStrategy(payoff, value);
        // SLSQP stops when the entropy no longer changes, which it does with the square of the distance.
        assertThat(rows).containsExactly(game.row(2), within(3e-7));
        assertThat(columns).containsExactly(game.row(3), within(3e-7));
        double best =
                Arrays.stream(MatrixGame.rowPayoffs(payoff, columns)).max().orElseThrow();
        double worst =
                Arrays.stream(MatrixGame.columnPayoffs(payoff, rows)).min().orElseThrow();
        assertThat(best - worst).isLessThan(1e-11);
    }

    @ParameterizedTest
    @MethodSource("quadratics")
    void weightsAreTheBestOverAllSupports(Reference quadratic) {
        double[] weights = SimplexQuadratic.minimise(quadratic.matrix(0), quadratic.row(1));
        assertThat(weights).containsExactly(quadratic.row(2), within(1e-12));
        assertThat(SimplexQuadratic.residual(quadratic.matrix(0), quadratic.row(1), weights))
                .isLessThan(1e-13);
    }

    @ParameterizedTest
    @MethodSource("assignments")
    void assignmentsAreSciPys(Reference assignment) {
        int[] wanted = Arrays.stream(assignment.row(1)).mapToInt(c -> (int) c).toArray();
        assertThat(Assignment.maximise(assignment.matrix(0))).startsWith(wanted);
    }

    @ParameterizedTest
    @MethodSource("ties")
    void whereSeveralAreBestOneOfThemIsFound(Reference ties) {
        double[][] scores = ties.matrix(0);
        int[] columns = Assignment.maximise(scores);
        assertThat(columns).doesNotHaveDuplicates().hasSameSizeAs(scores);
        double total = 0;
        for (int row = 0; row < scores.length; row++) {
            total += scores[row][columns[row]];
        }
        assertThat(total).isEqualTo(ties.row(1)[0]);
    }

    @Test
    void whatIsNotSquareAndFiniteIsRefusedByRow() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Assignment.maximise(new double[][] {{1, 2, 3}, {4, 5, 6}}))
                .withMessage("assignment: row 0 has 3 scores; allowed: 2, all finite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Assignment.maximise(new double[][] {{1, 2}, {3, Double.NaN}}))
                .withMessage("assignment: row 1 has 2 scores; allowed: 2, all finite");
    }

    private static double distance(double[][] one, double[][] other) {
        double distance = 0;
        for (int i = 0; i < one.length; i++) {
            for (int j = 0; j < one[i].length; j++) {
                distance = Math.max(distance, Math.abs(one[i][j] - other[i][j]));
            }
        }
        return distance;
    }
}
