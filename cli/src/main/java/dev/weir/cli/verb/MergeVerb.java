package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.schemas.safetensors.SafetensorsException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "merge",
        description = {
            "Averages or merges safetensors files in the given order, without a broker: the same operators and the same",
            "bits as the stream's, and those that need all models at once."
        },
        footer = {
            "",
            "Example:",
            "  weir merge --operator ema --set decay=0.9 -o average.safetensors step-*.safetensors",
            "  weir merge --operator model-stock --base base.safetensors -o merged.safetensors run-*.safetensors"
        })
final class MergeVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Mixin
    private final MergeOptions options = new MergeOptions();

    @Option(
            names = "--steps",
            split = ",",
            paramLabel = "STEP",
            description = "Trainer step of each input, for operators that ask for it (default: 1, 2, 3 ...).")
    private List<Long> steps = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            description = "Safetensors file to write.")
    private Path output = Path.of("");

    @Option(
            names = "--base",
            paramLabel = "FILE",
            description =
                    "The model from which the others were trained, as first input, where the operator has a base.")
    private @Nullable Path base;

    @Option(
            names = "--side",
            paramLabel = "NAME=FILE",
            description = "A second file of an input, such as fisher=FILE; one for each input, in their order.")
    private List<String> sides = new ArrayList<>();

    @Parameters(arity = "1..*", paramLabel = "IN", description = "Safetensors files or directories, oldest first.")
    private List<Path> inputs = new ArrayList<>();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        ChosenMerge chosen = options.chosen();
        List<Path> models = new ArrayList<>(inputs);
        if (base != null) {
            models.addFirst(base);
        }
        try {
            ChosenMerge.Work work =
                    chosen.over(new ChosenMerge.Inputs(models, base != null, steps, SideOptions.of(sides)));
            OutputFile.check(output);
            report(work.into(output));
        } catch (SafetensorsException | IllegalArgumentException | UncheckedIOException refused) {
            throw new WeirException("merge", String.valueOf(refused.getMessage()), "", "", refused);
        }
        return ExitCode.DONE;
    }

    private void report(ChosenMerge.Merged merged) {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            ObjectNode document = Json.object()
                    .put("operator", options.operator())
                    .put("inputs", inputs.size() + (base == null ? 0 : 1))
                    .put("output", output.toString());
            new TreeMap<>(merged.counts()).forEach((what, number) -> {
                if (number instanceof Double figure) {
                    document.put(what, figure);
                } else {
                    document.put(what, number.longValue());
                }
            });
            ArrayNode passed = document.putArray("passedBy");
            merged.passedBy()
                    .forEach(one -> passed.addObject()
                            .put("input", one.input().toString())
                            .put("reason", one.reason()));
            merged.unmatched().forEach(document.putArray("unmatched")::add);
            out.println(Json.pretty(document));
        } else {
            merged.lines().forEach(out::println);
        }
        out.flush();
    }
}
