package dev.weir.cli.rank;

import dev.weir.cli.WeirException;
import dev.weir.operators.choice.BradleyTerry;
import dev.weir.operators.choice.CalibratedLoss;
import dev.weir.operators.choice.ConvexEnsemble;
import dev.weir.operators.choice.EnsembleMoments;
import dev.weir.operators.choice.HeadToHead;
import dev.weir.operators.choice.NashAveraging;
import dev.weir.operators.choice.OnlinePlatt;
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
    static final String ONLINE_PLATT = "online-platt";

    private static final String WEIGHT_ROW = "#weight";
    private static final String GROUP_ROW = "#group";
    private static final String TARGET = "target";
    private static final String WEIGHT = "weight";
    private static final String RIGHT = "-right";

    /** All rules that {@link #of} knows. */
    public static List<String> rules() {
        return Stream.concat(
                        Rules.all().stream().map(RuleSpec::name),
                        Stream.of(BRADLEY_TERRY, NASH_AGENTS, ENSEMBLE, ONLINE_PLATT))
                .toList();
    }

    /**
     * Checks what is asked for before a table is read.
     *
     * @param rule one of {@link #rules()}
     * @param settings of the rule
     * @param twoStep within groups of tasks first, then over these
     * @throws IllegalArgumentException if the rule or a setting is refused
     */
    public static void check(String rule, Map<String, String> settings, boolean twoStep) {
        if (!rules().contains(rule)) {
            throw new IllegalArgumentException(
                    "rule " + rule + ": unknown; allowed: " + rules().stream().collect(Collectors.joining(", ")));
        }
        if (twoStep && !ranksScores(rule)) {
            throw new IllegalArgumentException(
                    "rule " + rule + ": has no tasks to be taken in two steps; allowed: a rule over scores");
        }
        if (ranksScores(rule)) {
            RankingRule unused = Rules.create(rule, settings);
        } else if (rule.equals(BRADLEY_TERRY)) {
            BradleyTerry unused = BradleyTerry.of(settings);
        } else if (rule.equals(ONLINE_PLATT)) {
            OnlinePlatt unused = new OnlinePlatt(settings);
        } else if (!settings.isEmpty()) {
            throw new IllegalArgumentException(
                    "rule " + rule + ": has no settings; given: " + settings.keySet() + "; allowed: none");
        }
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
        check(rule, settings, twoStep);
        if (ranksScores(rule)) {
            RankingRule chosen = Rules.create(rule, settings);
            ScoreTable table = scores(CsvTable.read(file));
            List<String> tasks = twoStep ? table.groups().stream().distinct().toList() : table.tasks();
            Standings standings = (twoStep ? new TwoStep(chosen) : chosen).rank(table);
            return new Ranking(rule, table.candidates(), tasks, standings);
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
            case ONLINE_PLATT -> onlinePlatt(rule, settings, table);
            default -> ensemble(rule, table);
        };
    }

    private static boolean ranksScores(String rule) {
        return Rules.all().stream().anyMatch(spec -> spec.name().equals(rule));
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
        return table.rows().stream().map(row -> counts(table, row)).toArray(double[][]::new);
    }

    private static double[] counts(CsvTable table, CsvTable.Row row) {
        double[] counts = numbers(table, row, false);
        for (int column = 0; column < counts.length; column++) {
            if (counts[column] < 0) {
                throw new WeirException(
                        table.file() + ":" + row.line(),
                        "column " + table.columns().get(column) + " of " + row.name() + " is " + counts[column],
                        "allowed: how often it won, 0 or more",
                        "");
            }
        }
        return counts;
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
        // As weights sum to 1, the errors f - y stand for predictions and 0 for the target: squares of large targets
        // would leave no digits for small errors.
        EnsembleMoments moments = new EnsembleMoments(models.size());
        for (CsvTable.Row row : table.rows()) {
            double right = table.number(row, target, false);
            double[] errors = models.stream()
                    .mapToDouble(model -> table.number(row, table.columns().indexOf(model), false) - right)
                    .toArray();
            moments.add(errors, 0, weight < 0 ? 1 : table.number(row, weight, false));
        }
        return new Ranking(rule, models, List.of(), ConvexEnsemble.fit(moments));
    }

    /** Rows are examples in the order of time; what is forecast is the target, or whether the model itself is right. */
    private static Ranking onlinePlatt(String rule, Map<String, String> settings, CsvTable table) {
        List<String> columns = table.columns();
        List<String> models = columns.stream()
                .filter(column -> !column.equals(TARGET) && !column.endsWith(RIGHT))
                .toList();
        boolean known = columns.contains(TARGET) || models.stream().allMatch(model -> columns.contains(model + RIGHT));
        if (models.isEmpty() || table.rows().isEmpty() || !known) {
            throw new WeirException(
                    table.file().toString(),
                    "has columns " + columns + " and " + table.rows().size() + " rows",
                    "allowed: rows in the order of time; for each model a column of probabilities, and of what came, 0 or 1,"
                            + " either target or MODEL" + RIGHT,
                    "");
        }
        double[] scores = new double[models.size()];
        double[] asIs = new double[models.size()];
        double[] scaled = new double[models.size()];
        double[] hops = new double[models.size()];
        for (int m = 0; m < models.size(); m++) {
            int forecasts = columns.indexOf(models.get(m));
            int outcomes = columns.indexOf(columns.contains(models.get(m) + RIGHT) ? models.get(m) + RIGHT : TARGET);
            CalibratedLoss loss = new CalibratedLoss(settings);
            for (CsvTable.Row row : table.rows()) {
                loss.add(within(table, row, forecasts, false), within(table, row, outcomes, true) == 1);
            }
            scores[m] = -loss.scaled();
            asIs[m] = loss.raw();
            scaled[m] = loss.scaled();
            hops[m] = loss.hops();
        }
        Map<String, double[]> losses = Map.of("loss-as-is", asIs, "loss-scaled", scaled, "loss-hops", hops);
        return new Ranking(rule, models, List.of(), Standings.of(scores, losses, Map.of(), Map.of()));
    }

    /** A probability, or what came. */
    private static double within(CsvTable table, CsvTable.Row row, int column, boolean outcome) {
        double number = table.number(row, column, false);
        if (!(number >= 0 && number <= 1) || (outcome && number != Math.rint(number))) {
            throw new WeirException(
                    table.file() + ": row " + row.name() + " column "
                            + table.columns().get(column),
                    "is " + number,
                    outcome ? "allowed: 0 or 1" : "allowed: 0 to 1",
                    "");
        }
        return number;
    }

    private static double[] numbers(CsvTable table, CsvTable.Row row, boolean gaps) {
        double[] numbers = new double[table.columns().size()];
        Arrays.setAll(numbers, column -> table.number(row, column, gaps));
        return numbers;
    }
}
