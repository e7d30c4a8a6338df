package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.clients.promote.PromotionJson;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionVerdict;
import dev.weir.schemas.record.Subject;
import java.io.PrintWriter;
import java.util.List;

/** How verdicts and comparisons are printed. */
final class VerdictText {

    private VerdictText() {}

    static void print(List<Promotion> verdicts, boolean json, PrintWriter out) {
        if (json) {
            ObjectNode document = Json.object();
            ArrayNode list = document.putArray("promotions");
            verdicts.forEach(verdict -> list.add(PromotionJson.tree(verdict)));
            out.println(Json.pretty(document));
            return;
        }
        String row = "%-8s %-12s %-28s %-28s %-12s %s%n";
        out.printf(row, "NUMBER", "VERDICT", "SUBJECT", "BASELINE", "WHO", "REASON");
        for (Promotion verdict : verdicts) {
            out.printf(
                    row,
                    verdict.getNumber(),
                    verdict.getVerdict(),
                    brief(verdict.getSubject()),
                    brief(verdict.getBaseline()),
                    verdict.getWho(),
                    verdict.getReason());
        }
    }

    static void print(Compatibility found, boolean json, PrintWriter out) {
        ObjectNode document = PromotionJson.tree(found);
        if (json) {
            out.println(Json.pretty(document));
            return;
        }
        out.printf("%-12s %s%n", "candidate", brief(found.getCandidate()));
        out.printf("%-12s %s%n", "baseline", brief(found.getBaseline()));
        document.properties().forEach(field -> {
            if (field.getValue().isValueNode()) {
                out.printf("%-12s %s%n", field.getKey(), field.getValue().asText());
            }
        });
    }

    /** Prints the answer to a request by hand, and fails if that was refused. */
    static void answer(Promotion verdict, String model, boolean json, PrintWriter out) {
        boolean refused = verdict.getVerdict() == PromotionVerdict.REFUSED;
        if (json) {
            out.println(Json.pretty(PromotionJson.tree(verdict)));
        } else if (!refused && verdict.getSubject().equals(verdict.getBaseline())) {
            out.println(PromotionJson.name(verdict.getSubject()) + ": was the baseline already; nothing changes");
        } else if (!refused) {
            out.println(PromotionJson.name(verdict.getSubject()) + ": baseline since verdict " + verdict.getNumber()
                    + "; before: " + PromotionJson.name(verdict.getBaseline()));
        }
        out.flush();
        if (refused) {
            throw new WeirException(
                    "model " + model,
                    "refused: " + verdict.getReason(),
                    "",
                    "the baseline has not moved; see `weir inspect --model " + model + " --promotions`");
        }
    }

    static String brief(Subject subject) {
        if (subject.getVersion() == 0) {
            return "none";
        }
        String channel = subject.getChannel().isEmpty() ? "raw" : subject.getChannel();
        return channel + " " + subject.getVersion();
    }
}
