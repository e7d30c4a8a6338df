package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.clients.Connection;
import dev.weir.clients.evaluate.Evaluator;
import dev.weir.clients.evaluate.PredictionReader;
import dev.weir.clients.evaluate.PredictionRow;
import dev.weir.clients.evaluate.SideInputs;
import dev.weir.clients.promote.PromotionJson;
import dev.weir.schemas.record.Subject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "evaluate",
        description = {
            "Hands in what a version, or a raw checkpoint, predicts for each example, and that these are all.",
            "FILE is CSV with the header id,label,prediction, and slice and p0 to pN if there are any; clusters are for weir",
            "flips, and are not handed in. An evaluation that broke off is handed in again; the first evaluator of a",
            "version counts.",
            "--value hands in a number instead, or beside: a score of a version, or a loss of a checkpoint before it is",
            "decided, for channels that read it."
        },
        footer = {
            "",
            "Examples:",
            "  weir evaluate --model mnist --channel ema-0.9 --version 60 predictions.csv",
            "  weir evaluate --model mnist --run run-1 --step 420 predictions.csv",
            "  weir evaluate --model mnist --channel soup@candidates --version 3 --value accuracy=0.93"
        })
final class EvaluateVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--model", required = true, paramLabel = "MODEL", description = "A model that has a plan.")
    private String model = "";

    @Mixin
    private final SubjectChoice choice = new SubjectChoice();

    @Option(names = "--evaluator", paramLabel = "NAME", description = "Who evaluated (default: the user's name).")
    private String evaluator = System.getProperty("user.name", "weir");

    @Option(names = "--value", paramLabel = "NAME=NUMBER", description = "A number about it; may come several times.")
    private Map<String, String> values = Map.of();

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The predictions, as CSV.")
    private @Nullable Path file;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        choice.check("evaluate");
        Map<String, Double> numbers = NumberOptions.of("--value", values, 0, 1);
        Path predictions = file;
        if (predictions == null && numbers.isEmpty()) {
            throw new UsageException("evaluate", "nothing is handed in", "allowed: FILE, --value, or both", "");
        }
        Connection connection = client.connection();
        ObjectNode document = Json.object().put("model", model).put("evaluator", evaluator);
        if (!numbers.isEmpty()) {
            handIn(connection, numbers, document);
        }
        if (predictions != null) {
            evaluate(connection, predictions, document);
        }
        if (json.json()) {
            print(Json.pretty(document));
        }
        return ExitCode.DONE;
    }

    private void handIn(Connection connection, Map<String, Double> numbers, ObjectNode document) {
        try (SideInputs to = SideInputs.open(connection, model, evaluator)) {
            numbers.forEach((name, value) -> choice.handIn(to, name, value));
        }
        numbers.forEach(document.putObject("values")::put);
        if (!json.json()) {
            print(numbers.size() + " numbers handed in by " + evaluator + ": " + numbers);
        }
    }

    private void evaluate(Connection connection, Path file, ObjectNode document) {
        Subject subject;
        long count;
        AtomicLong clustered = new AtomicLong();
        try (PredictionReader rows = PredictionReader.open(file)) {
            subject = choice.find(connection, model);
            try (Evaluator to = Evaluator.open(connection, model, evaluator)) {
                count = to.evaluate(subject, counting(rows, clustered));
            }
        }
        document.put("channel", subject.getChannel()).put("version", subject.getVersion());
        document.put("count", count).put("clustersNotHandedIn", clustered.get());
        if (!json.json()) {
            print(PromotionJson.name(subject) + ": " + count + " examples handed in by " + evaluator
                    + (clustered.get() == 0 ? "" : ", the clusters of " + clustered + " rows were not"));
        }
    }

    private void print(String text) {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        out.println(text);
        out.flush();
    }

    /** The rows, of which those are counted that name a cluster. */
    static Iterator<PredictionRow> counting(Iterator<PredictionRow> rows, AtomicLong clustered) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public PredictionRow next() {
                PredictionRow row = rows.next();
                clustered.addAndGet(row.cluster().isPresent() ? 1 : 0);
                return row;
            }
        };
    }
}
