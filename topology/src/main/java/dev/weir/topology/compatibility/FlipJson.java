package dev.weir.topology.compatibility;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.operators.flip.Changes;
import dev.weir.operators.flip.FlipCounts;
import dev.weir.operators.flip.FlipReport;
import dev.weir.operators.flip.Interval;
import dev.weir.operators.flip.Proportion;
import java.util.OptionalDouble;

/** A flip report as JSON. What is undefined is null; equal reports give equal documents. */
public final class FlipJson {

    private FlipJson() {}

    /** The report as a tree. */
    public static ObjectNode tree(FlipReport report) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        double confidence = report.confidence();
        root.put("confidence", confidence);
        root.put("examples", report.total().examples());
        ObjectNode total = root.putObject("total");
        counts(total, report.total().labelled(), confidence);
        interval(total.putObject("nfrAtEveryLook"), report.negativeFlipRateAtEveryLook());
        test(total, report.test());
        unlabelled(root, report.total().unlabelled(), confidence);
        number(root, "macroNfr", report.macroNegativeFlipRate());
        report.worstClass()
                .ifPresentOrElse(row -> root.put("worstClass", row.label()), () -> root.putNull("worstClass"));
        ArrayNode classes = root.putArray("classes");
        for (FlipReport.ClassRow row : report.classes()) {
            ObjectNode node = classes.addObject().put("class", row.label());
            counts(node, row.counts(), confidence);
            test(node, row.test()).put("exactHolm", row.holm());
        }
        ArrayNode slices = root.putArray("slices");
        for (FlipReport.SliceRow row : report.slices()) {
            ObjectNode node = slices.addObject().put("slice", row.slice());
            counts(node, row.tally().labelled(), confidence);
            test(node, row.test()).put("exactHolm", row.holm());
            unlabelled(node, row.tally().unlabelled(), confidence);
        }
        return root;
    }

    /** Counts and rates with intervals. */
    static ObjectNode counts(FlipCounts counts, double confidence) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        counts(node, counts, confidence);
        return node;
    }

    private static void counts(ObjectNode node, FlipCounts counts, double confidence) {
        node.put("labelled", counts.total());
        node.put("bothRight", counts.bothRight());
        node.put("negativeFlips", counts.negative());
        node.put("positiveFlips", counts.positive());
        node.put("bothWrong", counts.bothWrong());
        node.put("bothWrongChanged", counts.bothWrongChanged());
        proportion(node, "accuracyOld", counts.accuracyOld(), confidence);
        proportion(node, "accuracyNew", counts.accuracyNew(), confidence);
        ObjectNode gain = node.putObject("netGain");
        number(gain, "value", counts.netGain());
        counts.netGainInterval(confidence)
                .ifPresentOrElse(
                        interval -> interval(gain, interval),
                        () -> gain.putNull("lower").putNull("upper"));
        proportion(node, "nfr", counts.negativeFlipRate(), confidence);
        proportion(node, "pfr", counts.positiveFlipRate(), confidence);
        proportion(node, "nfi", counts.negativeFlipImpact(), confidence);
        proportion(node, "pfi", counts.positiveFlipImpact(), confidence);
        number(node, "relativeNfr", counts.relativeNegativeFlipRate());
        proportion(node, "btc", counts.trustCompatibility(), confidence);
        proportion(node, "bec", counts.errorCompatibility(), confidence);
        proportion(node, "churn", counts.churn(), confidence);
        number(node, "positiveToNegative", counts.positiveToNegative());
        node.put("positiveToNegativeSmoothed", counts.positiveToNegativeSmoothed());
    }

    private static ObjectNode test(ObjectNode node, FlipReport.Test test) {
        return node.putObject("mcnemar").put("exact", test.exact()).put("midP", test.midP());
    }

    private static void unlabelled(ObjectNode node, Changes changes, double confidence) {
        ObjectNode unlabelled = node.putObject("unlabelled");
        unlabelled.put("examples", changes.examples());
        unlabelled.put("changed", changes.changed());
        proportion(unlabelled, "churn", changes.churn(), confidence);
    }

    private static void proportion(ObjectNode node, String name, Proportion proportion, double confidence) {
        ObjectNode object = node.putObject(name);
        number(object, "value", proportion.value());
        interval(object, proportion.interval(confidence));
    }

    private static void interval(ObjectNode node, Interval interval) {
        node.put("lower", interval.lower()).put("upper", interval.upper());
    }

    private static void number(ObjectNode node, String name, OptionalDouble value) {
        if (value.isPresent()) {
            node.put(name, value.getAsDouble());
        } else {
            node.putNull(name);
        }
    }
}
