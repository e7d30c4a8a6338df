package dev.weir.operators.choice;

import dev.weir.operators.setting.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Robust consensus: an order of buckets, in which candidates are tied unless the tasks tell them apart clearly. The margin of
 * i over j is the weight of the tasks in which i scores more, less the opposite, as a share of all weight. A candidate of an
 * earlier bucket has a margin of at least {@code margin} over every candidate of a later one.
 *
 * <p>Source: Goibert et al., Robust Consensus in Ranking Data Analysis (2023): bucket rankings as medians with a high
 * breakdown point. Their downward merge is not restated here; this form is derived. Let i reach j unless j's margin over i is
 * {@code margin} or more. Of two candidates at least one reaches the other, so the strongly connected components of this relation
 * stand in a line, and that line is the answer: the finest order of buckets with the property above. Since a flipped vote of
 * weight f moves a margin by 2f at most, votes of less than half the smallest |margin − {@code margin}| cannot change the relation
 * nor, therefore, the buckets: the figure {@code flips-tolerated}.
 *
 * <p>With a margin of 0, ties and majority cycles still form buckets; these are then split by {@link RankSum}.
 *
 * <p>Takes gaps, as {@link Copeland}, unless the margin is 0. The score of a candidate is minus the number of its bucket.
 *
 * @param margin share of the weight, in [0, 1]; default 0.1
 */
public record Buckets(double margin) implements RankingRule {

    static final RuleSpec SPEC = new RuleSpec(
            "buckets",
            "D5",
            "Robust Consensus in Ranking Data Analysis: Definitions, Properties and Computational Issues",
            "Goibert et al. 2023, arXiv:2303.12878",
            "candidates whose majorities are below the margin share a bucket",
            List.of(Setting.number("margin", 0.1, 0, 1, "smallest majority, as a share of the weight, that is no tie")),
            settings -> new Buckets(settings.number("margin")));

    @Override
    public Standings rank(ScoreTable table) {
        Majority majority = Majority.of(table);
        boolean[][] reach = reach(majority);
        double[] scores = new double[table.size()];
        double[] sums =
                margin == 0 ? RankSum.scores(table.complete("buckets with margin 0")) : new double[table.size()];
        for (int i = 0; i < scores.length; i++) {
            for (int j = 0; j < scores.length; j++) {
                boolean tied = reach[i][j] && reach[j][i];
                if (reach[j][i] && (!tied || sums[j] > sums[i])) {
                    scores[i]--;
                }
            }
        }
        Standings byScore = Standings.of(scores);
        int[] order = byScore.order();
        double[] numbered = new double[scores.length];
        for (int place = 1; place < order.length; place++) {
            boolean next = byScore.ranks()[order[place]] > byScore.ranks()[order[place - 1]];
            numbered[order[place]] = numbered[order[place - 1]] - (next ? 1 : 0);
        }
        double[] buckets = Arrays.stream(numbered).map(number -> number - 1).toArray();
        return Standings.of(buckets, Map.of(), Map.of(), Map.of("flips-tolerated", slack(majority) / 2));
    }

    /** Whether a candidate reaches another over any number of others. */
    private boolean[][] reach(Majority majority) {
        int size = majority.size();
        boolean[][] reach = new boolean[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                reach[i][j] = i == j || !clear(majority, j, i);
            }
        }
        for (int via = 0; via < size; via++) {
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    reach[i][j] |= reach[i][via] && reach[via][j];
                }
            }
        }
        return reach;
    }

    private boolean clear(Majority majority, int one, int other) {
        double share = majority.margin(one, other) / majority.total();
        return share > 0 && share >= margin - Standings.TIE;
    }

    private double slack(Majority majority) {
        double slack = 1;
        for (int i = 0; i < majority.size(); i++) {
            for (int j = 0; j < majority.size(); j++) {
                double share = majority.margin(i, j) / majority.total();
                slack = i == j ? slack : Math.min(slack, Math.abs(share - margin));
            }
        }
        return slack;
    }
}
