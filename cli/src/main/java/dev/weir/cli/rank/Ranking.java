package dev.weir.cli.rank;

import dev.weir.cli.WeirException;
import dev.weir.operators.choice.BradleyTerry;
import dev.weir.operators.choice.ConvexEnsemble;
import dev.weir.operators.choice.EnsembleMoments;
import dev.weir.operators.choice.HeadToHead;
import dev.weir.operators.choice.NashAveraging;
import dev.weir.operators.choice.RankingRule;
import dev.weir.operators.choice.RuleSpec;
import dev.weir.operators.choice.Rules;
import dev.weir.operators.choice.ScoreTable;
import dev.weir.operators.choice.Standings;
import dev.weir.operators.choice.TwoStep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A table, ranked by a rule.
 *
 * @param rule its name
 * @param candidates names, in the order of the table
 * @param tasks names, in the order of the table; empty unless scores were ranked
 * @param standings of both
 */
public record Ranking(String rule, List<String> candidates, List<String> tasks, Standings standings) {

    static final String BRADLEY_TERRY = "bradley-terry";
    static final String NASH_AGENTS = "nash-agents";
    static final String ENSEMBLE = "ensemble";

    private static final String WEIGHT_ROW = "#weight";
    private static final String GROUP_ROW = "#group";
    private static final String TARGET = "target";
    private static final String WEIGHT = "weight";

    /** All rules that {@link #of} knows. */
    public static List<String> rules() {
        return Stream.concat(Rules.all().stream().map(RuleSpec::name), Stream.of(BRADLEY_TERRY, NASH_AGENTS, ENSEMBLE))
                .toList();
    }

    /**
     * Ranks a file.
     *
     * @param rule one of {@link #rules()}
     * @param settings of the rule
     * @param twoStep within groups of tasks first, then over these
     * @throws IllegalArgumentException if the rule, a setting or the table is refused
     */
    public static Ranking of(String rule, Map<String, String> settings, boolean twoStep, Path file) {
        if (!rules().contains(rule)) {
            throw new IllegalArgumentException(
                    "rule " + rule + ": unknown; allowed: " + rules().stream().collect(Collectors.joining(", ")));
        }
        boolean ranksScores = Rules.all().stream().anyMatch(spec -> spec.name().equals(rule));
        if (twoStep && !ranksScores) {
            throw new IllegalArgumentException("rule " + rule + ": has no tasks to be taken in two steps");
        }
        if (ranksScores) {
            RankingRule chosen = Rules.create(rule, settings);
            ScoreTable table = scores(CsvTable.read(file));
            List<String> tasks = twoStep ? table.groups().stream().distinct().toList() : table.tasks();
            Standings standings = (twoStep ? new TwoStep(chosen) : chosen).rank(table);
            return new Ranking(rule, table.candidates(), tasks, standings);
        }
        if (!rule.equals(BRADLEY_TERRY) && !settings.isEmpty()) {
            throw new IllegalArgumentException("rule " + rule + ": has no settings; given: " + settings.keySet());
        }
        CsvTable table = CsvTable.read(file);
        return switch (rule) {
            case BRADLEY_TERRY ->
                new Ranking(
                        rule,
                        table.columns(),
                        List.of(),
                        BradleyTerry.of(settings).fit(wins(table)));
            case NASH_AGENTS ->
                new Ranking(
                        rule, table.columns(), List.of(), NashAveraging.ofAdvantages(HeadToHead.logOdds(wins(table))));
            default -> ensemble(rule, table);
        };
    }

    private static ScoreTable scores(CsvTable table) {
        List<String> candidates = new ArrayList<>();
        List<double[]> scores = new ArrayList<>();
        double[] weights = new double[table.columns().size()];
        Arrays.fill(weights, 1);
        List<String> groups = table.columns().stream().map(task -> "").toList();
        for (CsvTable.Row row : table.rows()) {
            if (row.name().equals(WEIGHT_ROW)) {
                weights = numbers(table, row, false);
            } else if (row.name().equals(GROUP_ROW)) {
                groups = row.cells();
            } else {
                candidates.add(row.name());
                scores.add(numbers(table, row, true));
            }
        }
        return new ScoreTable(candidates, table.columns(), scores.toArray(double[][]::new), weights, groups);
    }

    private static double[][] wins(CsvTable table) {
        List<String> rows = table.rows().stream().map(CsvTable.Row::name).toList();
        if (!rows.equals(table.columns())) {
            throw new WeirException(
                    table.file().toString(),
                    "has rows " + rows + " and columns " + table.columns(),
                    "allowed: the same players in rows and columns; a cell is how often its row won against its column",
                    "");
        }
        return table.rows().stream().map(row -> numbers(table, row, false)).toArray(double[][]::new);
    }

    private static Ranking ensemble(String rule, CsvTable table) {
        int target = table.columns().indexOf(TARGET);
        int weight = table.columns().indexOf(WEIGHT);
        List<String> models = table.columns().stream()
                .filter(column -> !column.equals(TARGET) && !column.equals(WEIGHT))
                .toList();
        if (target < 0 || models.isEmpty()) {
            throw new WeirException(
                    table.file().toString(),
                    "has columns " + table.columns(),
                    "allowed: target, a column for each model, and weight if examples count differently",
                    "");
        }
        EnsembleMoments moments = new EnsembleMoments(models.size());
        for (CsvTable.Row row : table.rows()) {
            double[] predictions = models.stream()
                    .mapToDouble(model -> table.number(row, table.columns().indexOf(model), false))
                    .toArray();
            moments.add(
                    predictions, table.number(row, target, false), weight < 0 ? 1 : table.number(row, weight, false));
        }
        return new Ranking(rule, models, List.of(), ConvexEnsemble.fit(moments));
    }

    private static double[] numbers(CsvTable table, CsvTable.Row row, boolean gaps) {
        double[] numbers = new double[table.columns().size()];
        Arrays.setAll(numbers, column -> table.number(row, column, gaps));
        return numbers;
    }
}
