package dev.weir.cli.rank;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.operators.choice.Standings;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A ranking as text and as JSON, the best candidate first. What is undefined is a dash, or null. */
public final class RankText {

    private RankText() {}

    /** Prints the ranking. */
    public static void print(Ranking ranking, PrintWriter out) {
        Standings standings = ranking.standings();
        List<String> heading = new ArrayList<>(List.of("RANK", "SCORE"));
        standings.ofCandidates().keySet().forEach(name -> heading.add(name.toUpperCase(Locale.ROOT)));
        line(out, heading, "CANDIDATE");
        for (int i : standings.order()) {
            List<String> cells = new ArrayList<>(List.of(
                    Integer.toString(standings.ranks()[i]), number(standings.scores()[i])));
            standings.ofCandidates().values().forEach(values -> cells.add(number(values[i])));
            line(out, cells, ranking.candidates().get(i));
        }
        if (!standings.ofTasks().isEmpty()) {
            out.println();
            line(
                    out,
                    standings.ofTasks().keySet().stream()
                            .map(name -> name.toUpperCase(Locale.ROOT))
                            .toList(),
                    "TASK");
            for (int t = 0; t < ranking.tasks().size(); t++) {
                int task = t;
                line(
                        out,
                        standings.ofTasks().values().stream()
                                .map(values -> number(values[task]))
                                .toList(),
                        ranking.tasks().get(t));
            }
        }
        if (!standings.figures().isEmpty()) {
            out.println();
            standings.figures().forEach((name, value) -> line(out, List.of(number(value)), name));
        }
    }

    /** The ranking as a document. */
    public static ObjectNode document(Ranking ranking) {
        Standings standings = ranking.standings();
        ObjectNode root = Json.object().put("rule", ranking.rule());
        ArrayNode candidates = root.putArray("candidates");
        for (int i : standings.order()) {
            ObjectNode candidate = candidates
                    .addObject()
                    .put("name", ranking.candidates().get(i))
                    .put("rank", standings.ranks()[i]);
            put(candidate, "score", standings.scores()[i]);
            putAll(candidate, standings.ofCandidates(), i);
        }
        if (!standings.ofTasks().isEmpty()) {
            ArrayNode tasks = root.putArray("tasks");
            for (int t = 0; t < ranking.tasks().size(); t++) {
                putAll(tasks.addObject().put("name", ranking.tasks().get(t)), standings.ofTasks(), t);
            }
        }
        ObjectNode figures = root.putObject("figures");
        standings.figures().forEach((name, value) -> put(figures, name, value));
        return root;
    }

    private static void putAll(ObjectNode node, Map<String, double[]> values, int at) {
        values.forEach((name, numbers) -> put(node, name, numbers[at]));
    }

    private static void put(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }

    private static void line(PrintWriter out, List<String> cells, String name) {
        StringBuilder line = new StringBuilder();
        cells.forEach(cell -> line.append(String.format(Locale.ROOT, "%11s  ", cell)));
        out.println(line.append(name));
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        boolean whole = value == Math.rint(value) && Math.abs(value) < 1e9;
        // No minus before a zero.
        return whole ? Long.toString((long) value) : String.format(Locale.ROOT, "%.5g", value);
    }
}
