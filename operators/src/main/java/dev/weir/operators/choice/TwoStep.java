package dev.weir.operators.choice;

import java.util.List;

/**
 * A rule in two steps: it ranks the candidates within each group of tasks, then over the groups, each of weight 1, by what they
 * came to. Many tasks of one kind then count no more than few of another. Source: Rofin et al., Vote'n'Rank (2023), section
 * 4.
 *
 * @param rule of both steps
 */
public record TwoStep(RankingRule rule) implements RankingRule {

    @Override
    public Standings rank(ScoreTable table) {
        List<String> groups = table.groups().stream().distinct().toList();
        double[][] scores = new double[table.size()][groups.size()];
        for (int g = 0; g < groups.size(); g++) {
            Standings within = rule.rank(table.columns(table.columnsOf(groups.get(g))));
            for (int i = 0; i < scores.length; i++) {
                scores[i][g] = -within.ranks()[i];
            }
        }
        return rule.rank(ScoreTable.of(table.candidates(), groups, scores));
    }
}
