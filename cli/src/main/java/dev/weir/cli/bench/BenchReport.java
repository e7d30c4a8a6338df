package dev.weir.cli.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import java.util.Comparator;
import java.util.List;

/**
 * What a benchmark found.
 *
 * @param goals at least one
 * @param rounds that were measured, the discarded first one not counted
 * @param parts both sides of each comparison with their units, and the settings of clients; when and where it ran is added
 */
public record BenchReport(List<Goal> goals, int rounds, ObjectNode parts) {

    public BenchReport {
        goals = List.copyOf(goals);
    }

    public boolean met() {
        return goals.stream().allMatch(Goal::met);
    }

    /** The document of {@code --json}; ratio and goal are those with the least margin. */
    public ObjectNode json(String name) {
        Goal tightest =
                goals.stream().min(Comparator.comparingDouble(Goal::margin)).orElseThrow();
        ObjectNode root = Json.object()
                .put("bench", name)
                .put("ratio", rounded(tightest.ratio()))
                .put("goal", tightest.bound())
                .put("met", met())
                .put("rounds", rounds);
        ObjectNode all = root.putObject("parts");
        ArrayNode each = all.putArray("goals");
        for (Goal goal : goals) {
            each.addObject()
                    .put("name", goal.name())
                    .put("ratio", rounded(goal.ratio()))
                    .put(goal.atMost() ? "atMost" : "atLeast", goal.bound())
                    .put("met", goal.met());
        }
        all.setAll(parts);
        return root;
    }

    private static double rounded(double value) {
        return Math.round(value * 10_000) / 10_000.0;
    }
}
