package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
import dev.weir.cli.flips.Clusters;
import dev.weir.cli.flips.FlipComparison;
import dev.weir.cli.flips.FlipDocument;
import dev.weir.cli.flips.FlipFiles;
import dev.weir.cli.flips.FlipText;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.operators.flip.FlipReport;
import dev.weir.operators.flip.PoissonBootstrap;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
            "semicolons), cluster and p0 to pN; a label may be empty. Examples that only one file holds are counted apart.",
            "A third file is another candidate: which of both breaks less, example by example. Where a file names the",
            "cluster of an example, such as its document or its user, clusters are drawn as a whole for the intervals."
        },
        footer = {
            "",
            "Examples:",
            "  weir flips old.csv new.csv --confidence 0.99",
            "  weir flips old.csv new.csv other.csv"
        })
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
                    "Give intervals to figures that have no formula for one, from so many replicates (default: none; "
                            + Clusters.REPLICATES + " where a file names clusters).")
    private int replicates;

    @Parameters(index = "0", paramLabel = "OLD.csv", description = "Predictions of the model in service.")
    private Path oldFile = Path.of("");

    @Parameters(index = "1", paramLabel = "NEW.csv", description = "Predictions of the model to replace it.")
    private Path newFile = Path.of("");

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "OTHER.csv",
            description = "Predictions of another candidate to replace it.")
    private @Nullable Path otherFile;

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
        FlipComparison comparison = FlipFiles.compare(oldFile, newFile, Optional.ofNullable(otherFile), replicates);
        FlipReport report = FlipReport.of(comparison.table(), confidence);
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            out.println(Json.pretty(FlipDocument.tree(files(), comparison, report)));
        } else {
            print(comparison, report, out);
        }
        out.flush();
        return ExitCode.DONE;
    }

    private void print(FlipComparison comparison, FlipReport report, PrintWriter out) {
        long unlabelled = report.total().unlabelled().examples();
        out.println("old      " + oldFile + side(comparison.onlyOld(), comparison.duplicatesOld()));
        out.println("new      " + newFile + side(comparison.onlyNew(), comparison.duplicatesNew()));
        out.println("in both  " + report.total().examples() + " examples, " + unlabelled + " without a label");
        comparison
                .rival()
                .ifPresent(rival -> out.println("other    " + otherFile + side(rival.only(), rival.duplicates()) + ", "
                        + rival.missing() + " of both missing"));
        out.println();
        FlipText.print(report, out);
        FlipText.print(comparison, report, out);
    }

    private List<Path> files() {
        return otherFile == null ? List.of(oldFile, newFile) : List.of(oldFile, newFile, otherFile);
    }

    private static String side(long only, long duplicates) {
        return ": " + only + " examples only here, " + duplicates + " duplicate rows";
    }
}
