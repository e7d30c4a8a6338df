package dev.weir.topology.plan;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.weir.operators.TensorPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Plans as text: YAML for people, canonical JSON (fixed key order, no defaults left out) for the log. */
public final class PlanFormat {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    private PlanFormat() {}

    /**
     * Reads a plan from YAML or JSON.
     *
     * @throws PlanException for anything that isn't a plan, an unknown key included
     */
    public static Plan parse(String text) {
        try {
            return read(YAML.readTree(text));
        } catch (JsonProcessingException malformed) {
            throw new PlanException("text", "is no YAML: " + malformed.getOriginalMessage(), "YAML or JSON");
        }
    }

    /** The canonical form. */
    public static String toJson(Plan plan) {
        ObjectNode root = JSON.createObjectNode().put("model", plan.model());
        ArrayNode channels = root.putArray("channels");
        for (ChannelPlan channel : plan.channels()) {
            ObjectNode node = channels.addObject().put("name", channel.name()).put("operator", channel.operator());
            ObjectNode settings = node.putObject("settings");
            channel.settings().forEach(settings::put);
            node.put("emit-every", channel.emitEvery()).put("retain", channel.retain());
            if (channel.feedbackSteps() > 0) {
                node.put("feedback-steps", channel.feedbackSteps());
            }
        }
        ArrayNode tensors = root.putArray("tensors");
        plan.tensors()
                .forEach(rule -> tensors.addObject()
                        .put("pattern", rule.pattern())
                        .put("policy", rule.policy().label()));
        GatePlan gate = plan.gate();
        if (gate != null) {
            ObjectNode node = root.putObject("gate");
            ArrayNode gated = node.putArray("channels");
            gate.channels().forEach(gated::add);
            node.put("max-nfr", gate.maxNfr())
                    .put("confidence", gate.confidence())
                    .put("min-accuracy", gate.minAccuracy());
            if (gate.maxEce() < GatePlan.ANY_ECE) {
                node.put("max-ece", gate.maxEce());
            }
        }
        root.put("input-wait-ms", plan.inputWaitMs());
        if (plan.scoreWaitMs() != Plan.FOR_EVER) {
            root.put("score-wait-ms", plan.scoreWaitMs());
        }
        return root.toString();
    }

    private static Plan read(JsonNode root) {
        keys("top level", root, List.of("model", "channels", "tensors", "gate", "input-wait-ms", "score-wait-ms"));
        List<ChannelPlan> channels = new ArrayList<>();
        list(root, "channels").forEach(node -> channels.add(channel(node)));
        List<TensorPolicy.Rule> rules = new ArrayList<>();
        list(root, "tensors").forEach(node -> rules.add(rule(node)));
        JsonNode gate = root.path("gate");
        return new Plan(
                text("top level", root, "model"),
                channels,
                rules,
                gate.isMissingNode() || gate.isNull() ? null : gate(gate),
                milliseconds(root, "input-wait-ms", Plan.DEFAULT_INPUT_WAIT_MS),
                milliseconds(root, "score-wait-ms", Plan.FOR_EVER));
    }

    private static ChannelPlan channel(JsonNode node) {
        keys("channel", node, List.of("name", "operator", "settings", "emit-every", "retain", "feedback-steps"));
        String name = text("channel", node, "name");
        Map<String, String> settings = new TreeMap<>();
        JsonNode given = node.path("settings");
        if (!given.isMissingNode() && !given.isNull() && !given.isObject()) {
            throw new PlanException("channel " + name, "settings is " + given, "keys and values");
        }
        for (Map.Entry<String, JsonNode> field : given.properties()) {
            if (!field.getValue().isValueNode()) {
                throw new PlanException(
                        "channel " + name, "setting " + field.getKey() + " is " + field.getValue(), "one value");
            }
            settings.put(field.getKey(), field.getValue().asText());
        }
        return new ChannelPlan(
                name,
                text("channel " + name, node, "operator"),
                settings,
                whole("channel " + name, node, "emit-every", 1),
                whole("channel " + name, node, "retain", ChannelPlan.DEFAULT_RETAIN),
                feedbackSteps(name, node));
    }

    private static long feedbackSteps(String channel, JsonNode node) {
        JsonNode value = node.path("feedback-steps");
        if (value.isMissingNode()) {
            return 0;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 1) {
            throw new PlanException("channel " + channel, "feedback-steps is " + value, "a whole number from 1");
        }
        return value.longValue();
    }

    private static GatePlan gate(JsonNode node) {
        keys("gate", node, List.of("channels", "max-nfr", "confidence", "min-accuracy", "max-ece"));
        List<String> channels = new ArrayList<>();
        list(node, "channels").forEach(channel -> channels.add(channel.asText()));
        return new GatePlan(
                channels,
                number(node, "max-nfr", Double.NaN),
                number(node, "confidence", GatePlan.DEFAULT_CONFIDENCE),
                number(node, "min-accuracy", 0),
                number(node, "max-ece", GatePlan.ANY_ECE));
    }

    private static double number(JsonNode node, String key, double byDefault) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()) {
            return byDefault;
        }
        if (!value.isNumber()) {
            throw new PlanException("gate", key + " is " + value, "a number");
        }
        return value.doubleValue();
    }

    private static TensorPolicy.Rule rule(JsonNode node) {
        keys("tensors", node, List.of("pattern", "policy"));
        String pattern = text("tensors", node, "pattern");
        try {
            return new TensorPolicy.Rule(pattern, TensorPolicy.of(text("tensors", node, "policy")));
        } catch (IllegalArgumentException refused) {
            throw refused instanceof PlanException plan ? plan : new PlanException("tensors " + pattern, refused);
        }
    }

    private static void keys(String object, JsonNode node, List<String> allowed) {
        if (!node.isObject()) {
            throw new PlanException(
                    object, "is " + (node.isMissingNode() ? "empty" : node), "keys " + String.join(", ", allowed));
        }
        node.fieldNames().forEachRemaining(key -> {
            if (!allowed.contains(key)) {
                throw new PlanException(object, "key " + key + " is unknown", String.join(", ", allowed));
            }
        });
    }

    private static JsonNode list(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return JSON.createArrayNode();
        }
        if (!value.isArray()) {
            throw new PlanException(key, "is " + value, "a list");
        }
        return value;
    }

    private static String text(String object, JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (!value.isValueNode() || value.isNull() || value.asText().isEmpty()) {
            throw new PlanException(object, key + " is missing or no text", key + ": a name");
        }
        return value.asText();
    }

    private static long milliseconds(JsonNode root, String key, long byDefault) {
        JsonNode value = root.path(key);
        if (value.isMissingNode()) {
            return byDefault;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new PlanException(key, "is " + value, "a whole number of milliseconds");
        }
        return value.longValue();
    }

    private static int whole(String object, JsonNode node, String key, int byDefault) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()) {
            return byDefault;
        }
        if (!value.isInt()) {
            throw new PlanException(object, key + " is " + value, "a whole number");
        }
        return value.intValue();
    }
}
