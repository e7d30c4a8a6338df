package dev.weir.topology.compatibility;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.operators.flip.FlipCounts;
import dev.weir.operators.flip.FlipReport;
import dev.weir.operators.flip.Interval;
import dev.weir.operators.flip.Proportion;
import java.util.Optional;
import java.util.OptionalDouble;

/** A flip report as JSON: what is undefined is null. */
public final class FlipReportJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private FlipReportJson() {}

    public static ObjectNode of(FlipReport report) {
        ObjectNode root = JSON.createObjectNode().put("confidence", report.confidence());
        ObjectNode total = counts(report.total().labelled(), report.confidence());
        total.put("unlabelled", report.total().unlabelled().examples())
                .put("unlabelledChanged", report.total().unlabelled().changed());
        test(total, report.test());
        root.set("total", total);
        number(root, "macroNfr", report.macroNegativeFlipRate());
        ArrayNode classes = root.putArray("classes");
        report.classes().forEach(row -> {
            ObjectNode node = counts(row.counts(), report.confidence());
            node.put("label", row.label()).put("mcNemarHolm", row.holm());
            test(node, row.test());
            classes.add(node);
        });
        ArrayNode slices = root.putArray("slices");
        report.slices().forEach(row -> {
            ObjectNode node = counts(row.tally().labelled(), report.confidence());
            node.put("slice", row.slice()).put("mcNemarHolm", row.holm());
            test(node, row.test());
            slices.add(node);
        });
        return root;
    }

    /** Counts, rates and their Wilson intervals. */
    static ObjectNode counts(FlipCounts counts, double confidence) {
        ObjectNode node = JSON.createObjectNode()
                .put("examples", counts.total())
                .put("bothRight", counts.bothRight())
                .put("negativeFlips", counts.negative())
                .put("positiveFlips", counts.positive())
                .put("bothWrong", counts.bothWrong());
        rate(node, "nfr", counts.negativeFlipRate(), confidence);
        rate(node, "pfr", counts.positiveFlipRate(), confidence);
        rate(node, "nfi", counts.negativeFlipImpact(), confidence);
        rate(node, "accuracyOld", counts.accuracyOld(), confidence);
        rate(node, "accuracyNew", counts.accuracyNew(), confidence);
        rate(node, "churn", counts.churn(), confidence);
        number(node, "netGain", counts.netGain());
        interval(node, "netGainInterval", counts.netGainInterval(confidence));
        number(node, "relativeNfr", counts.relativeNegativeFlipRate());
        return node;
    }

    private static void test(ObjectNode node, FlipReport.Test test) {
        node.put("mcNemarExact", test.exact()).put("mcNemarMidP", test.midP());
    }

    private static void rate(ObjectNode node, String name, Proportion proportion, double confidence) {
        number(node, name, proportion.value());
        interval(node, name + "Interval", proportion.value().isEmpty() ? Optional.empty() : Optional.of(proportion.interval(confidence)));
    }

    private static void interval(ObjectNode node, String name, Optional<Interval> interval) {
        if (interval.isEmpty()) {
            node.putNull(name);
        } else {
            node.putArray(name).add(interval.get().lower()).add(interval.get().upper());
        }
    }

    private static void number(ObjectNode node, String name, OptionalDouble value) {
        if (value.isEmpty()) {
            node.putNull(name);
        } else {
            node.put(name, value.getAsDouble());
        }
    }
}
