package dev.weir.operators.choice;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Kemeny's median: the order of the candidates from which the tasks differ least, counted in weighted pairs that a task orders
 * the other way. Exact, over all subsets of at most {@value #MAX_CANDIDATES} candidates. Among equally good orders that
 * one is taken which puts candidates earlier in the table first. The score of a candidate is minus its place.
 *
 * <p>Source: Kemeny, Mathematics without Numbers, Daedalus 88 (1959); the recursion over subsets, best(S) = min over the last
 * element of S, is Held and Karp's (1962).
 */
public record Kemeny() implements RankingRule {

    /** The work doubles with each candidate. */
    static final int MAX_CANDIDATES = 18;

    static final RuleSpec SPEC = new RuleSpec(
            "kemeny",
            "D3",
            RankSum.TITLE,
            "Kemeny 1959; Colombo et al. 2022, arXiv:2202.03799, section 3",
            "the order with the fewest disagreements with the tasks, sum_t w_t Kendall(order, t)",
            List.of(),
            settings -> new Kemeny());

    @Override
    public Standings rank(ScoreTable table) {
        int size = table.complete("kemeny").size();
        if (size > MAX_CANDIDATES) {
            throw new IllegalArgumentException("rule kemeny: " + size + " candidates; allowed: at most "
                    + MAX_CANDIDATES + "; rank-sum approximates it for more");
        }
        Majority majority = Majority.of(table);
        double[] cost = new double[1 << size];
        byte[] last = new byte[1 << size];
        for (int set = 1; set < cost.length; set++) {
            cost[set] = Double.POSITIVE_INFINITY;
            for (int i = size - 1; i >= 0; i--) {
                if ((set >> i & 1) == 1) {
                    double with = cost[set ^ 1 << i] + against(majority, i, set ^ 1 << i);
                    if (with < cost[set] - Standings.TIE * majority.total()) {
                        cost[set] = with;
                        last[set] = (byte) i;
                    }
                }
            }
        }
        double[] scores = new double[size];
        int set = cost.length - 1;
        for (int place = size; place > 0; place--) {
            scores[last[set]] = -place;
            set ^= 1 << last[set];
        }
        return Standings.of(scores, Map.of(), Map.of(), Map.of("distance", cost[cost.length - 1]));
    }

    /** Weight of the tasks that prefer a candidate to those of a set that stand before it. */
    private static double against(Majority majority, int candidate, int before) {
        double sum = 0;
        for (int j = 0; j < majority.size(); j++) {
            sum += (before >> j & 1) == 1 ? majority.support()[candidate][j] : 0;
        }
        return sum;
    }

    /** Weighted pairs that the tasks order the other way than an order of the candidates does. */
    static double distance(ScoreTable table, int[] order) {
        Majority majority = Majority.of(table);
        double sum = 0;
        for (int place = 1; place < order.length; place++) {
            int before = Arrays.stream(order, 0, place).map(i -> 1 << i).reduce(0, (a, b) -> a | b);
            sum += against(majority, order[place], before);
        }
        return sum;
    }
}
