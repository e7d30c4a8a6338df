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
            case Outcome.Accepted accepted -> "accepted as decision " + accepted.seq() + versions(accepted.versions());
            case Outcome.Duplicate duplicate -> duplicate.reason() + versions(duplicate.versions());
            case Outcome.Rejected rejected -> "rejected by decision " + rejected.seq();
        };
    }

    static ObjectNode document(Outcome outcome) {
        ObjectNode document = Json.object();
        return switch (outcome) {
            case Outcome.Accepted accepted ->
                document(document.put("outcome", "accepted"), accepted.seq(), accepted.versions());
            case Outcome.Duplicate duplicate ->
                document(document.put("outcome", "duplicate"), duplicate.seq(), duplicate.versions())
                        .put("reason", duplicate.reason());
            case Outcome.Rejected rejected ->
                document(document.put("outcome", "rejected"), rejected.seq(), Map.of())
                        .put("reason", rejected.reason());
        };
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

    private static ObjectNode document(ObjectNode document, long seq, Map<String, Long> versions) {
        ObjectNode node = document.put("seq", seq).putObject("versions");
        new TreeMap<>(versions).forEach(node::put);
        return document;
    }
}
