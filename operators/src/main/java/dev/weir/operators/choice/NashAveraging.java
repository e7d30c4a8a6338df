package dev.weir.operators.choice;

import dev.weir.operators.Facts;
import dev.weir.operators.MethodSpec;
import dev.weir.operators.solve.MatrixGame;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Nash averaging: candidates are rated by a mixture of tasks that is hardest for the best mixture of candidates, so that
 * copies of a task or a candidate do not count twice.
 *
 * <p>Source: Balduzzi et al., Re-evaluating Evaluation (2018), section 3, candidates against tasks, over two simplices. Scores
 * are brought to 0 .. 1 in each task. v is the value of the zero-sum game S in which candidates play against tasks; p, the
 * distribution of most entropy with Sᵀp ≥ v, and q, that with S q ≤ v, are optimal strategies. Candidate i is rated (S
 * q)_i, task j −(Sᵀp)_j. One simplex for both sides, over the antisymmetric matrix of S and −Sᵀ, is degenerate: after
 * that scaling no task gets any weight.
 *
 * <p>Candidates against each other: an antisymmetric A, of log-odds for example; p has the most entropy with A p ≤ 0, and
 * the ratings are A p. The best candidates have 0.
 *
 * <p>Ratings depend on which candidates are there: through the scaling, and through who is best where. The weights of
 * the table are not used. A copy leaves all ratings as they are if the equilibrium is unique before entropy chooses, and
 * may change them where it is not.
 */
public record NashAveraging() implements RankingRule {

    /** What a player may gain at most by leaving the equilibrium, in scaled scores. */
    static final double MAX_GAIN = 1e-9;

    /** Ratings nearer than that tie: those of the support differ by what the solver leaves open. */
    static final double TIE = 1e-8;

    static final RuleSpec SPEC = new RuleSpec(
            "nash",
            "D1",
            "Re-evaluating Evaluation",
            "Balduzzi et al. 2018, arXiv:1806.02643, section 3",
            "ratings S q of the most even equilibrium (p, q) of the game S, scores of each task scaled to 0..1",
            List.of(),
            settings -> new NashAveraging());

    /** The same of how often agents won against each other. */
    public static final MethodSpec AGENTS = new MethodSpec(
            "nash-agents",
            "D1",
            SPEC.title(),
            SPEC.reference(),
            List.of(),
            Facts.ofEvaluations(
                    "rule over a table of wins",
                    "ratings A p, p the most even equilibrium of the antisymmetric game A of log odds",
                    "wins",
                    "When candidates were compared with each other; see [choosing](../choice.md)."),
            "weir rank --rule nash-agents",
            false);

    /**
     * Candidates against tasks. A task in which all candidates score alike says nothing: it gets no weight, and its rating is
     * NaN.
     */
    @Override
    public Standings rank(ScoreTable table) {
        table.complete("nash");
        int[] telling = IntStream.range(0, table.tasks().size())
                .filter(t -> range(table.task(t)) > 0)
                .toArray();
        if (telling.length == 0) {
            throw new IllegalArgumentException(
                    "rule nash: all candidates score alike in every task; allowed: a task that tells them apart");
        }
        double[][] payoff = scaled(table.columns(telling));
        double value = MatrixGame.value(payoff);
        double[] p = MatrixGame.rowStrategy(payoff, value);
        double[] q = MatrixGame.columnStrategy(payoff, value);
        double[] ratings = MatrixGame.rowPayoffs(payoff, q);
        double[] paid = MatrixGame.columnPayoffs(payoff, p);
        double gain = Arrays.stream(ratings).max().orElseThrow()
                - Arrays.stream(paid).min().orElseThrow();
        requireEquilibrium(gain);
        double[] taskRatings = new double[table.tasks().size()];
        double[] probabilities = new double[table.tasks().size()];
        Arrays.fill(taskRatings, Double.NaN);
        for (int t = 0; t < telling.length; t++) {
            taskRatings[telling[t]] = -paid[t];
            probabilities[telling[t]] = q[t];
        }
        return Standings.of(
                TIE,
                ratings,
                Map.of("probability", p),
                Map.of("probability", probabilities, "rating", taskRatings),
                Map.of("value", value, "gain", Math.max(0, gain)));
    }

    /**
     * Candidates against each other.
     *
     * @param advantage of each over each, finite and antisymmetric
     * @throws IllegalArgumentException if it is not antisymmetric
     */
    public static Standings ofAdvantages(double[][] advantage) {
        for (int i = 0; i < advantage.length; i++) {
            for (int j = 0; j < advantage.length; j++) {
                if (!(Math.abs(advantage[i][j] + advantage[j][i]) <= Standings.TIE * Math.abs(advantage[i][j]))) {
                    throw new IllegalArgumentException("advantages: " + advantage[i][j] + " at (" + i + ", " + j
                            + ") and " + advantage[j][i] + " at (" + j + ", " + i + "); allowed: x and -x");
                }
            }
        }
        double[] p = MatrixGame.columnStrategy(advantage, 0);
        double[] ratings = MatrixGame.rowPayoffs(advantage, p);
        double gain = Arrays.stream(ratings).max().orElseThrow();
        double largest = Arrays.stream(advantage)
                .flatMapToDouble(Arrays::stream)
                .map(Math::abs)
                .max()
                .orElse(0);
        requireEquilibrium(gain / Math.max(1, largest));
        return Standings.of(TIE, ratings, Map.of("probability", p), Map.of(), Map.of("gain", Math.max(0, gain)));
    }

    private static void requireEquilibrium(double gain) {
        if (!(gain <= MAX_GAIN)) {
            throw new IllegalStateException(
                    "nash averaging: a player would gain " + gain + " by leaving; allowed: at most " + MAX_GAIN);
        }
    }

    private static double[][] scaled(ScoreTable table) {
        double[][] payoff = new double[table.size()][table.tasks().size()];
        for (int t = 0; t < table.tasks().size(); t++) {
            double[] scores = table.task(t);
            double least = Arrays.stream(scores).min().orElseThrow();
            for (int i = 0; i < scores.length; i++) {
                payoff[i][t] = (scores[i] - least) / range(scores);
            }
        }
        return payoff;
    }

    private static double range(double[] scores) {
        return Arrays.stream(scores).max().orElseThrow()
                - Arrays.stream(scores).min().orElseThrow();
    }
}
