package dev.weir.topology.compatibility;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.operators.flip.Changes;
import dev.weir.operators.flip.FlipCounts;
import dev.weir.operators.flip.FlipReport;
import dev.weir.operators.flip.Interval;
import dev.weir.operators.flip.Proportion;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/** A flip report as JSON. What is undefined is null; equal reports give equal documents. */
public final class FlipJson {

    private FlipJson() {}

    /** The report as a tree, whole. */
    public static ObjectNode tree(FlipReport report) {
        return tree(report, Integer.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * The report as a tree that fits into a record. Where there are more classes or slices, it has those with most negative
     * flips, and of these the first; {@code omitted} says how many it lacks. Totals are over all of them.
     *
     * @param rows classes, and slices, at most
     * @param bytes of JSON of the classes, and of the slices, at most
     */
    static ObjectNode tree(FlipReport report, int rows, long bytes) {
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
        long omittedClasses = most(
                root.putArray("classes"),
                report.classes(),
                row -> row.counts().negative(),
                row -> row(row, confidence),
                rows,
                bytes);
        long omittedSlices = most(
                root.putArray("slices"),
                report.slices(),
                row -> row.tally().labelled().negative(),
                row -> row(row, confidence),
                rows,
                bytes);
        if (omittedClasses + omittedSlices > 0) {
            root.putObject("omitted").put("classes", omittedClasses).put("slices", omittedSlices);
        }
        return root;
    }

    /**
     * Puts the rows with most negative flips into an array, in their own order.
     *
     * @return how many it leaves out
     */
    private static <T> long most(
            ArrayNode array,
            List<T> all,
            ToLongFunction<T> negativeFlips,
            Function<T, ObjectNode> json,
            int rows,
            long bytes) {
        Map<Integer, ObjectNode> taken = new TreeMap<>();
        List<Integer> ranked = IntStream.range(0, all.size())
                .boxed()
                .sorted(Comparator.comparingLong(at -> -negativeFlips.applyAsLong(all.get(at))))
                .limit(rows)
                .toList();
        boolean limited = bytes < Long.MAX_VALUE;
        long left = bytes;
        for (int at : ranked) {
            ObjectNode node = json.apply(all.get(at));
            long size = limited ? node.toString().getBytes(StandardCharsets.UTF_8).length + 1L : 0;
            if (size <= left) {
                left -= size;
                taken.put(at, node);
            }
        }
        taken.values().forEach(array::add);
        return all.size() - taken.size();
    }

    private static ObjectNode row(FlipReport.ClassRow row, double confidence) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("class", row.label());
        counts(node, row.counts(), confidence);
        test(node, row.test()).put("exactHolm", row.holm());
        return node;
    }

    private static ObjectNode row(FlipReport.SliceRow row, double confidence) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("slice", row.slice());
        counts(node, row.tally().labelled(), confidence);
        test(node, row.test()).put("exactHolm", row.holm());
        unlabelled(node, row.tally().unlabelled(), confidence);
        return node;
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
