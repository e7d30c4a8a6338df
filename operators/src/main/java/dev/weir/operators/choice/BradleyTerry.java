package dev.weir.operators.choice;

import dev.weir.operators.Facts;
import dev.weir.operators.MethodSpec;
import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Strengths π from head-to-head counts: i beats j with probability π_i / (π_i + π_j), and π makes the counts most likely.
 *
 * <p>Source: Newman, Efficient Computation of Rankings from Pairwise Comparisons (2023), equation 10, from memory. Derivation:
 * the log-likelihood Σ_ij w_ij log(π_i / (π_i + π_j)) is stationary where Σ_j w_ij π_j / (π_i + π_j) = π_i Σ_j w_ji / (π_i +
 * π_j), since w_ij / π_i − w_ij / (π_i + π_j) = (w_ij / π_i) · π_j / (π_i + π_j); hence the iteration
 *
 * <p>π_i ← [Σ_j w_ij π_j / (π_i + π_j)] / [Σ_j w_ji / (π_i + π_j)],
 *
 * <p>one i at a time with the latest values: all at once they may jump for ever. Each step raises the likelihood. After a sweep π
 * is divided by its geometric mean, which changes no probability. With the prior, each player also has won and lost
 * once against one of strength 1: 1 / (π_i + 1) is added to both sums, and nothing is divided.
 *
 * @param prior whether there is a prior; default true
 * @param tolerance change of ln π in a sweep at which it ends, in [1e-15, 0.1]; default 1e-12
 * @param maxSweeps sweeps after which it is given up, 1 to 1,000,000,000; default 100,000
 */
public record BradleyTerry(boolean prior, double tolerance, int maxSweeps) {

    /** What it can be told. */
    public static final List<Setting> SETTINGS = List.of(
            Setting.flag("prior", true, "a win and a loss of each against a player of strength 1"),
            Setting.number("tolerance", 1e-12, 1e-15, 0.1, "change of ln strength in a sweep at which it ends"),
            Setting.integer("max-sweeps", 100_000, 1, 1_000_000_000, "sweeps after which it is given up"));

    /** As people name it. */
    public static final MethodSpec SPEC = new MethodSpec(
            "bradley-terry",
            "D4",
            "Efficient computation of rankings from pairwise comparisons",
            "Newman 2023, arXiv:2207.00076, equation 10",
            SETTINGS,
            Facts.ofEvaluations(
                    "rule over a table of wins",
                    "s_i <- sum_j w_ij s_j / (s_i + s_j) / sum_j w_ji / (s_i + s_j), one i at a time",
                    "wins",
                    "When candidates were compared with each other, as in head-to-head flips; see [choosing](../choice.md)."
                            + " The newest evaluated versions of a model have strengths in its standings: `weir inspect"
                            + " --standings`, with half a win more of each over each instead of the prior."),
            "weir rank --rule bradley-terry",
            true);

    /** With these settings, the defaults for the rest. */
    public static BradleyTerry of(Map<String, ?> values) {
        Settings settings = SPEC.read(values);
        return new BradleyTerry(
                settings.flag("prior"), settings.number("tolerance"), (int) settings.integer("max-sweeps"));
    }

    /**
     * The strengths. Scores are ln π.
     *
     * @param wins of the row's player over the column's: finite, 0 or more, 0 on the diagonal
     * @throws IllegalArgumentException if the counts are none, or without a prior some players are never beaten by the
     *     others, so that no strength makes the counts most likely
     */
    public Standings fit(double[][] wins) {
        requireWins(wins);
        if (!prior) {
            requireConnected(wins);
        }
        double[] strength = new double[wins.length];
        Arrays.fill(strength, 1);
        int sweeps = 0;
        double change;
        do {
            if (sweeps++ == maxSweeps) {
                throw new IllegalArgumentException("rule bradley-terry: no end after " + maxSweeps
                        + " sweeps; allowed: more max-sweeps, or a larger tolerance");
            }
            change = sweep(wins, strength);
        } while (change > tolerance);
        double[] logs = Arrays.stream(strength).map(StrictMath::log).toArray();
        return Standings.of(
                logs,
                Map.of("strength", strength),
                Map.of(),
                Map.of("log-likelihood", logLikelihood(wins, strength), "sweeps", (double) sweeps));
    }

    /** One sweep; returns the largest change of ln π. */
    double sweep(double[][] wins, double[] strength) {
        double[] before = strength.clone();
        for (int i = 0; i < strength.length; i++) {
            double over = prior ? 1 / (strength[i] + 1) : 0;
            double under = over;
            for (int j = 0; j < strength.length; j++) {
                if (j != i) {
                    over += wins[i][j] * strength[j] / (strength[i] + strength[j]);
                    under += wins[j][i] / (strength[i] + strength[j]);
                }
            }
            // A single player without a prior has played nobody.
            strength[i] = under == 0 ? 1 : over / under;
        }
        if (!prior) {
            double mean = 0;
            for (double one : strength) {
                mean += StrictMath.log(one) / strength.length;
            }
            double divisor = StrictMath.exp(mean);
            for (int i = 0; i < strength.length; i++) {
                strength[i] /= divisor;
            }
        }
        double change = 0;
        for (int i = 0; i < strength.length; i++) {
            change = Math.max(change, Math.abs(StrictMath.log(strength[i] / before[i])));
        }
        return change;
    }

    /** ln of the probability of the counts, the prior's included. */
    double logLikelihood(double[][] wins, double[] strength) {
        double sum = 0;
        for (int i = 0; i < strength.length; i++) {
            for (int j = 0; j < strength.length; j++) {
                if (wins[i][j] > 0) {
                    sum += wins[i][j] * StrictMath.log(strength[i] / (strength[i] + strength[j]));
                }
            }
            if (prior) {
                sum += StrictMath.log(strength[i] / (strength[i] + 1)) - StrictMath.log(strength[i] + 1);
            }
        }
        return sum;
    }

    private static void requireWins(double[][] wins) {
        for (int i = 0; i < wins.length; i++) {
            for (int j = 0; j < wins.length; j++) {
                boolean allowed = i == j ? wins[i][j] == 0 : wins[i][j] >= 0 && wins[i][j] < Double.POSITIVE_INFINITY;
                if (!allowed) {
                    throw new IllegalArgumentException("wins: " + wins[i][j] + " at row " + (i + 1) + ", column "
                            + (j + 1) + "; allowed: 0 or more, and 0 on the diagonal");
                }
            }
        }
    }

    /** Ford's condition: however the players are split in two, each part has won against the other. */
    private static void requireConnected(double[][] wins) {
        for (boolean forwards : new boolean[] {true, false}) {
            boolean[] reached = new boolean[wins.length];
            reached[0] = true;
            boolean grew = true;
            while (grew) {
                grew = false;
                for (int i = 0; i < wins.length; i++) {
                    for (int j = 0; j < wins.length; j++) {
                        double won = forwards ? wins[i][j] : wins[j][i];
                        if (reached[i] && !reached[j] && won > 0) {
                            reached[j] = true;
                            grew = true;
                        }
                    }
                }
            }
            for (int i = 0; i < reached.length; i++) {
                if (!reached[i]) {
                    throw new IllegalArgumentException("rule bradley-terry: the player of row " + (i + 1)
                            + (forwards ? " never lost to" : " never won against")
                            + " those of row 1 and whom they lead to, so that its strength has no bound; allowed: wins both"
                            + " ways, or prior: true");
                }
            }
        }
    }
}
