package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
import dev.weir.cli.WeirException;
import dev.weir.cli.merge.OfflineMerge;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.operators.Operator;
import dev.weir.operators.Operators;
import dev.weir.operators.TensorPolicy;
import dev.weir.schemas.safetensors.SafetensorsException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
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
            "Averages safetensors files in the given order, without a broker: the same operators and the same bits as",
            "the stream's."
        },
        footer = {
            "",
            "Example:",
            "  weir merge --operator ema --set decay=0.9 -o average.safetensors step-*.safetensors"
        })
final class MergeVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(
            names = "--operator",
            required = true,
            paramLabel = "NAME",
            description = "How to combine, such as ema or swa.")
    private String operator = "";

    @Option(names = "--set", paramLabel = "SETTING=VALUE", description = "A setting of the operator; may be repeated.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(
            names = "--tensor",
            paramLabel = "PATTERN=POLICY",
            description =
                    "What becomes of tensors: average, copy-latest, freeze or skip; may be repeated, the first match counts.")
    private Map<String, String> tensors = new LinkedHashMap<>();

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

    @Parameters(arity = "1..*", paramLabel = "IN", description = "Safetensors files or directories, oldest first.")
    private List<Path> inputs = new ArrayList<>();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Operator chosen = operator();
        List<TensorPolicy.Rule> rules = new ArrayList<>();
        tensors.forEach((pattern, policy) -> rules.add(rule(pattern, policy)));
        if (!steps.isEmpty() && steps.size() != inputs.size()) {
            throw new UsageException(
                    "--steps",
                    steps.size() + " steps for " + inputs.size() + " inputs",
                    "allowed: one step an input",
                    "");
        }
        List<Long> stepOfEach = steps.isEmpty()
                ? LongStream.rangeClosed(1, inputs.size()).boxed().toList()
                : steps;
        int entered;
        try {
            entered = new OfflineMerge(chosen, rules).merge(inputs, stepOfEach, output);
        } catch (SafetensorsException | IllegalArgumentException | UncheckedIOException refused) {
            throw new WeirException("merge", String.valueOf(refused.getMessage()), "", "", refused);
        }
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            out.println(Json.pretty(Json.object()
                    .put("operator", operator)
                    .put("inputs", inputs.size())
                    .put("entered", entered)
                    .put("output", output.toString())));
            out.flush();
        }
        return ExitCode.DONE;
    }

    private Operator operator() {
        try {
            return Operators.create(operator, settings);
        } catch (IllegalArgumentException refused) {
            throw new UsageException("--operator", String.valueOf(refused.getMessage()), "", "see weir merge --help");
        }
    }

    private static TensorPolicy.Rule rule(String pattern, String policy) {
        try {
            return new TensorPolicy.Rule(pattern, TensorPolicy.of(policy));
        } catch (IllegalArgumentException refused) {
            throw new UsageException("--tensor " + pattern, String.valueOf(refused.getMessage()), "", "");
        }
    }
}
