package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
import dev.weir.cli.flips.FlipComparison;
import dev.weir.cli.flips.FlipFigure;
import dev.weir.cli.flips.FlipFiles;
import dev.weir.cli.flips.FlipText;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.operators.flip.FlipReport;
import dev.weir.operators.flip.PoissonBootstrap;
import dev.weir.topology.compatibility.FlipJson;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "flips",
        description = {
            "Compares the predictions of two models, without a broker: what the new one breaks and mends, in all, by",
            "class and by slice. Each file has the header id,label,prediction and may have slice (names between",
            "semicolons) and p0 to pN; a label may be empty. Examples that only one file holds are counted apart."
        },
        footer = {"", "Example:", "  weir flips old.csv new.csv --confidence 0.99"})
final class FlipsVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(
            names = "--confidence",
            defaultValue = "0.95",
            paramLabel = "SHARE",
            description = "Of the intervals, between 0 and 1 (default: ${DEFAULT-VALUE}).")
    private double confidence;

    @Option(
            names = "--bootstrap",
            defaultValue = "0",
            paramLabel = "REPLICATES",
            description =
                    "Give intervals to figures that have no formula for one, from so many replicates (default: none).")
    private int replicates;

    @Parameters(index = "0", paramLabel = "OLD.csv", description = "Predictions of the model in service.")
    private Path oldFile = Path.of("");

    @Parameters(index = "1", paramLabel = "NEW.csv", description = "Predictions of the model to replace it.")
    private Path newFile = Path.of("");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (!(confidence > 0 && confidence < 1)) {
            throw new UsageException(
                    "--confidence", "is " + confidence, "allowed: between 0 and 1", "see weir flips --help");
        }
        if (replicates < 0 || replicates > PoissonBootstrap.MAX_REPLICATES) {
            throw new UsageException(
                    "--bootstrap",
                    "is " + replicates,
                    "allowed: 0 to " + PoissonBootstrap.MAX_REPLICATES,
                    "see weir flips --help");
        }
        FlipComparison comparison = FlipFiles.compare(oldFile, newFile, replicates);
        FlipReport report = FlipReport.of(comparison.table(), confidence);
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            out.println(Json.pretty(document(comparison, report)));
        } else {
            print(comparison, report, out);
        }
        out.flush();
        return ExitCode.DONE;
    }

    private ObjectNode document(FlipComparison comparison, FlipReport report) {
        ObjectNode root = Json.object();
        root.putObject("old")
                .put("file", oldFile.toString())
                .put("only", comparison.onlyOld())
                .put("duplicates", comparison.duplicatesOld());
        root.putObject("new")
                .put("file", newFile.toString())
                .put("only", comparison.onlyNew())
                .put("duplicates", comparison.duplicatesNew());
        root.setAll(FlipJson.tree(report));
        ObjectNode matrix = root.putObject("negativeFlipsTo");
        comparison.matrix().flips().forEach((label, row) -> {
            ObjectNode predictions = matrix.putObject(label.toString());
            row.forEach((prediction, count) -> predictions.put(prediction.toString(), count));
        });
        comparison.bootstrap().ifPresent(bootstrap -> {
            ObjectNode figures = root.putObject("bootstrap");
            for (FlipFigure figure : FlipFigure.values()) {
                ObjectNode one = figures.putObject(figure.key());
                figure.of().apply(comparison.table().classes()).ifPresent(value -> one.put("value", value));
                bootstrap
                        .interval(figure.of(), confidence)
                        .ifPresent(
                                estimate -> one.put("lower", estimate.bounds().lower())
                                        .put("upper", estimate.bounds().upper())
                                        .put("undefined", estimate.undefined()));
            }
        });
        return root;
    }

    private void print(FlipComparison comparison, FlipReport report, PrintWriter out) {
        long unlabelled = report.total().unlabelled().examples();
        out.println("old      " + oldFile + side(comparison.onlyOld(), comparison.duplicatesOld()));
        out.println("new      " + newFile + side(comparison.onlyNew(), comparison.duplicatesNew()));
        out.println("in both  " + report.total().examples() + " examples, " + unlabelled + " without a label");
        out.println();
        FlipText.print(report, out);
        comparison.bootstrap().ifPresent(bootstrap -> {
            out.println();
            for (FlipFigure figure : FlipFigure.values()) {
                FlipText.print(
                        figure.words(),
                        figure.of().apply(comparison.table().classes()),
                        bootstrap.interval(figure.of(), confidence),
                        out);
            }
        });
    }

    private static String side(long only, long duplicates) {
        return ": " + only + " examples only here, " + duplicates + " duplicate rows";
    }
}
