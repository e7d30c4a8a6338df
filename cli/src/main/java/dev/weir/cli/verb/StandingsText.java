package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.clients.promote.PromotionJson;
import dev.weir.schemas.record.ChannelStandings;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.IntStream;

/** How standings are printed: the strongest first. */
final class StandingsText {
    private static final String ROW = "%8s  %9s  %8s  %8s  %8s  %8s  %s%n";

    private StandingsText() {}

    static void print(ChannelStandings found, boolean json, PrintWriter out) {
        ObjectNode document = PromotionJson.tree(found);
        if (json) {
            out.println(Json.pretty(document));
            return;
        }
        out.printf("%d labelled examples that all have%n%n", found.getExamples());
        out.printf(ROW, "RIGHT", "STRENGTH", "WEIGHT", "ECE", "LOSS", "SCALED", "VERSION");
        IntStream.range(0, found.getSubjects().size())
                .boxed()
                .sorted(Comparator.comparing(found.getStrengths()::get, Comparator.reverseOrder()))
                .forEach(i -> line(found, document.path("subjects").path(i), i, out));
        if (found.getOmitted() > 0) {
            out.printf("%d more channels were evaluated longer ago and are left out%n", found.getOmitted());
        }
    }

    private static void line(ChannelStandings found, JsonNode one, int i, PrintWriter out) {
        boolean inService = found.getSubjects().get(i).equals(found.getBaseline());
        out.printf(
                ROW,
                one.path("right").asText(),
                number(one.path("strength")),
                number(one.path("weight")),
                number(one.path("calibrationError")),
                number(one.path("loss")),
                number(one.path("scaledLoss")),
                VerdictText.brief(found.getSubjects().get(i)) + (inService ? " (in service)" : ""));
    }

    private static String number(JsonNode value) {
        return value.isNull() ? "-" : String.format(Locale.ROOT, "%.4f", value.asDouble());
    }
}
