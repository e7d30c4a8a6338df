package dev.weir.cli.flips;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.operators.flip.FlipReport;
import dev.weir.operators.flip.Interval;
import dev.weir.operators.flip.PairedFlips;
import dev.weir.topology.compatibility.FlipJson;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** A comparison of prediction files as JSON. What is undefined is null; a bootstrap's value or
 * bounds are left out then. */
public final class FlipDocument {

    private FlipDocument() {}

    /**
     * The comparison as a tree.
     *
     * @param files old, new and, if there is one, the other
     */
    public static ObjectNode tree(List<Path> files, FlipComparison comparison, FlipReport report) {
        ObjectNode root = Json.object();
        file(root, "old", files.get(0), comparison.onlyOld(), comparison.duplicatesOld());
        file(root, "new", files.get(1), comparison.onlyNew(), comparison.duplicatesNew());
        root.setAll(FlipJson.tree(report));
        ObjectNode matrix = root.putObject("negativeFlipsTo");
        comparison.matrix().flips().forEach((label, row) -> {
            ObjectNode predictions = matrix.putObject(label.toString());
            row.forEach((prediction, count) -> predictions.put(prediction.toString(), count));
        });
        comparison.clusters().ifPresent(clusters -> {
            ObjectNode node = root.putObject("clusters")
                    .put("count", clusters.count())
                    .put("alone", clusters.alone())
                    .put("largest", clusters.largest())
                    .put("replicates", clusters.replicates());
            figures(node, FlipFigure.withFormula(), comparison, report.confidence());
        });
        if (comparison.bootstrap().isPresent()) {
            figures(root.putObject("bootstrap"), FlipFigure.withoutFormula(), comparison, report.confidence());
        }
        comparison.rival().ifPresent(rival -> {
            file(root, "other", files.get(2), rival.only(), rival.duplicates()).put("missing", rival.missing());
            paired(root.putObject("paired"), rival.flips(), report.confidence());
        });
        return root;
    }

    private static ObjectNode file(ObjectNode root, String name, Path file, long only, long duplicates) {
        return root.putObject(name)
                .put("file", file.toString())
                .put("only", only)
                .put("duplicates", duplicates);
    }

    private static void figures(
            ObjectNode node, List<FlipFigure> figures, FlipComparison comparison, double confidence) {
        for (FlipFigure figure : figures) {
            ObjectNode one = node.putObject(figure.key());
            figure.of().apply(comparison.table().classes()).ifPresent(value -> one.put("value", value));
            comparison
                    .bootstrap()
                    .flatMap(bootstrap -> bootstrap.interval(figure.of(), confidence))
                    .ifPresent(estimate -> {
                        if (estimate.varies()) {
                            one.put("lower", estimate.bounds().lower())
                                    .put("upper", estimate.bounds().upper());
                        }
                        one.put("undefined", estimate.undefined());
                    });
        }
    }

    private static void paired(ObjectNode node, PairedFlips flips, double confidence) {
        node.put("labelled", flips.total());
        node.put("both", flips.both());
        node.put("onlyNew", flips.onlyFirst());
        node.put("onlyOther", flips.onlySecond());
        number(node, "nfrNew", flips.first().negativeFlipRate().value());
        number(node, "nfrOther", flips.second().negativeFlipRate().value());
        ObjectNode difference = node.putObject("difference");
        number(difference, "value", flips.difference());
        Optional<Interval> interval = flips.differenceInterval(confidence);
        number(difference, "lower", bound(interval.map(Interval::lower)));
        number(difference, "upper", bound(interval.map(Interval::upper)));
        number(node, "relativeNfi", flips.first().negativeFlipImpactAgainst(flips.second()));
        node.putObject("mcnemar")
                .put("exact", flips.test().exact())
                .put("midP", flips.test().midP());
    }

    private static OptionalDouble bound(Optional<Double> value) {
        return value.map(OptionalDouble::of).orElse(OptionalDouble.empty());
    }

    private static void number(ObjectNode node, String name, OptionalDouble value) {
        if (value.isPresent()) {
            node.put(name, value.getAsDouble());
        } else {
            node.putNull(name);
        }
    }
}
