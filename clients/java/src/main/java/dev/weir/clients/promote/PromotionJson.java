package dev.weir.clients.promote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.schemas.record.ChannelStandings;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.Subject;

/** Verdicts, comparisons and standings as JSON documents; equal records give equal documents. */
public final class PromotionJson {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private PromotionJson() {}

    /** A verdict. */
    public static ObjectNode tree(Promotion promotion) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("number", promotion.getNumber());
        root.put("verdict", promotion.getVerdict().toString());
        root.set("subject", tree(promotion.getSubject()));
        root.set("baseline", tree(promotion.getBaseline()));
        root.put("who", promotion.getWho());
        root.put("reason", promotion.getReason());
        root.put("request", promotion.getRequest());
        root.set("rule", parsed(promotion.getRule()));
        root.set("evidence", parsed(promotion.getEvidence()));
        return root;
    }

    /** A comparison. */
    public static ObjectNode tree(Compatibility found) {
        ObjectNode root = MAPPER.createObjectNode();
        root.set("baseline", tree(found.getBaseline()));
        root.set("candidate", tree(found.getCandidate()));
        root.put("complete", found.getComplete());
        root.put("examples", found.getExamples());
        root.put("bothRight", found.getBothRight());
        root.put("negative", found.getNegative());
        root.put("positive", found.getPositive());
        root.put("bothWrong", found.getBothWrong());
        root.put("unlabelled", found.getUnlabelled());
        root.put("missing", found.getMissing());
        root.put("unknown", found.getUnknown());
        root.put("duplicates", found.getDuplicates());
        root.put("conflicts", found.getConflicts());
        root.set("report", parsed(found.getReport()));
        return root;
    }

    /** Standings; what is undefined is null. */
    public static ObjectNode tree(ChannelStandings found) {
        ObjectNode root = MAPPER.createObjectNode();
        root.set("baseline", tree(found.getBaseline()));
        root.put("examples", found.getExamples());
        root.put("omitted", found.getOmitted());
        ArrayNode list = root.putArray("subjects");
        int count = found.getSubjects().size();
        for (int i = 0; i < count; i++) {
            ObjectNode one = tree(found.getSubjects().get(i));
            one.put("right", found.getRight().get(i));
            number(one, "strength", found.getStrengths().get(i));
            number(
                    one,
                    "weight",
                    found.getWeights().isEmpty()
                            ? Double.NaN
                            : found.getWeights().get(i));
            one.put("calibrated", found.getCalibrated().get(i));
            number(one, "calibrationError", found.getCalibrationErrors().get(i));
            number(one, "loss", found.getLosses().get(i));
            number(one, "scaledLoss", found.getScaledLosses().get(i));
            ArrayNode wins = one.putArray("wins");
            found.getWins().subList(i * count, (i + 1) * count).forEach(wins::add);
            ArrayNode alike = one.putArray("alike");
            found.getAlike().subList(i * count, (i + 1) * count).forEach(alike::add);
            list.add(one);
        }
        return root;
    }

    private static void number(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }

    /** What a subject is called in messages. */
    public static String name(Subject subject) {
        if (subject.getVersion() == 0) {
            return "none";
        }
        return subject.getChannel().isEmpty()
                ? "checkpoint of decision " + subject.getVersion()
                : "channel " + subject.getChannel() + " version " + subject.getVersion();
    }

    private static ObjectNode tree(Subject subject) {
        return MAPPER.createObjectNode().put("channel", subject.getChannel()).put("version", subject.getVersion());
    }

    /** The JSON inside a record; as text if it is none. */
    private static JsonNode parsed(String json) {
        try {
            return json.isEmpty() ? MAPPER.createObjectNode() : MAPPER.readTree(json);
        } catch (JsonProcessingException foreign) {
            return MAPPER.getNodeFactory().textNode(json);
        }
    }
}
