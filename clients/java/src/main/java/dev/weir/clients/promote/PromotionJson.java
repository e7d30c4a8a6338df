package dev.weir.clients.promote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.Subject;

/** Verdicts and comparisons as JSON documents; equal records give equal documents. */
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
