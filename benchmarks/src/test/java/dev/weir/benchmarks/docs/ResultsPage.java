package dev.weir.benchmarks.docs;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;

/** Every goal and every side of every report. */
final class ResultsPage {
    private final Reports reports;
    private final StringBuilder page = new StringBuilder();

    ResultsPage(Reports reports) {
        this.reports = reports;
    }

    String text() {
        page.append("""
                # What the benchmarks measured

                Generated from the JSON reports beside it by `BenchPagesDocTest`; `make bench-reports` runs all benchmarks, writes the
                reports and this page. What it means, and why, is in [performance](../performance.md). Both sides of a comparison
                were measured in one run; absolute figures hold for that machine and run alone. Least and most are those of the
                rounds after those that warm up: one, or `warmUpRounds` where a report has it.
                """);
        reports.byName().forEach((name, report) -> {
            page.append("\n## `bench ").append(name).append("`\n\n");
            page.append(reports.measured(name))
                    .append(" %d rounds.\n\n".formatted(report.path("rounds").asInt()));
            page.append("| goal | measured | wanted | |\n|---|---|---|---|\n");
            for (JsonNode goal : report.path("parts").path("goals")) {
                boolean atMost = goal.has("atMost");
                page.append("| %s | %s | %s %s | %s |\n"
                        .formatted(
                                goal.path("name").asText(),
                                number(goal.path("ratio").asDouble()),
                                atMost ? "at most" : "at least",
                                BigDecimal.valueOf(goal.path(atMost ? "atMost" : "atLeast")
                                                .asDouble())
                                        .setScale(4, RoundingMode.HALF_EVEN)
                                        .stripTrailingZeros()
                                        .toPlainString(),
                                goal.path("met").asBoolean() ? "met" : "**missed**"));
            }
            for (JsonNode reference : report.path("parts").path("references")) {
                page.append("\nBeside \"%s\": %s is %s.\n"
                        .formatted(
                                reference.path("goal").asText(),
                                number(reference.path("ratio").asDouble()),
                                reference.path("by").asText()));
            }
            StringBuilder sides = new StringBuilder();
            report.path("parts").properties().forEach(part -> sides(part.getKey(), part.getValue(), sides));
            if (!sides.isEmpty()) {
                page.append("\n| side | median | least | most | unit |\n|---|---|---|---|---|\n")
                        .append(sides);
            } else if (name.equals("growth")) {
                page.append("\nIts cases are in [how cost grows](../growth.md).\n");
            }
        });
        return page.toString();
    }

    /** A row for each spread below a node. */
    private static void sides(String name, JsonNode node, StringBuilder rows) {
        if (node.has("median") && node.has("unit")) {
            rows.append("| `%s` | %s | %s | %s | %s |\n"
                    .formatted(
                            name,
                            number(node.path("median").asDouble()),
                            number(node.path("min").asDouble()),
                            number(node.path("max").asDouble()),
                            node.path("unit").asText()));
        }
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> child : node.properties()) {
                sides(name + "." + child.getKey(), child.getValue(), rows);
            }
        }
    }

    /** Three to four digits. */
    static String number(double value) {
        double size = Math.abs(value);
        String digits =
                size >= 1000 ? "%,.0f" : size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, digits, value);
    }
}
