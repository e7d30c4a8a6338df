package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.clients.publish.Outcome;
import java.util.Map;
import java.util.TreeMap;

/** What became of a checkpoint, as verbs print it. */
final class OutcomeText {

    private OutcomeText() {}

    static String of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Accepted accepted ->
                "accepted as decision " + accepted.seq() + versions(accepted.versions())
                        + passedBy(accepted.passedBy());
            case Outcome.Duplicate duplicate -> duplicate.reason() + versions(duplicate.versions());
            case Outcome.Rejected rejected -> "rejected by decision " + rejected.seq();
        };
    }

    static ObjectNode document(Outcome outcome) {
        ObjectNode document = Json.object();
        switch (outcome) {
            case Outcome.Accepted accepted -> {
                describe(document.put("outcome", "accepted"), accepted.seq(), accepted.versions());
                ObjectNode passedBy = document.putObject("passedBy");
                new TreeMap<>(accepted.passedBy()).forEach(passedBy::put);
            }
            case Outcome.Duplicate duplicate -> {
                describe(document.put("outcome", "duplicate"), duplicate.seq(), duplicate.versions());
                document.put("reason", duplicate.reason());
            }
            case Outcome.Rejected rejected -> {
                describe(document.put("outcome", "rejected"), rejected.seq(), Map.of());
                document.put("reason", rejected.reason());
            }
        }
        return document;
    }

    private static String versions(Map<String, Long> versions) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(versions)
                .forEach((channel, version) -> text.append(text.isEmpty() ? "; complete: " : ", ")
                        .append(channel)
                        .append(" version ")
                        .append(version));
        return text.toString();
    }

    private static String passedBy(Map<String, String> channels) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(channels)
                .forEach((channel, reason) -> text.append(text.isEmpty() ? "; passed by: " : ", ")
                        .append(channel)
                        .append(" (")
                        .append(reason)
                        .append(')'));
        return text.toString();
    }

    private static void describe(ObjectNode document, long seq, Map<String, Long> versions) {
        ObjectNode node = document.put("seq", seq).putObject("versions");
        new TreeMap<>(versions).forEach(node::put);
    }
}
