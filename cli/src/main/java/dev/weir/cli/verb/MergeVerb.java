package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
import dev.weir.cli.WeirException;
import dev.weir.cli.align.MatchedSoup;
import dev.weir.cli.merge.ModelMerge;
import dev.weir.cli.merge.OfflineMerge;
import dev.weir.cli.merge.RegMeanMerge;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.operators.Catalogue;
import dev.weir.operators.Facts;
import dev.weir.operators.MethodSpec;
import dev.weir.operators.Operator;
import dev.weir.operators.OperatorSpec;
import dev.weir.operators.SparseSoup;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.gram.RegMean;
import dev.weir.operators.merge.ElementMerge;
import dev.weir.operators.merge.LinearMerge;
import dev.weir.operators.merge.MaskedMerge;
import dev.weir.operators.merge.Merge;
import dev.weir.operators.merge.MergeSpec;
import dev.weir.schemas.safetensors.SafetensorsException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.IntStream;
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

    @Option(
            names = "--operator",
            required = true,
            paramLabel = "NAME",
            description = "How to combine, such as ema or model-stock; see weir operators.")
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

    /** Inputs that did not enter, and why. */
    private final List<OfflineMerge.PassedBy> passedBy = new ArrayList<>();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        List<TensorPolicy.Rule> rules = new ArrayList<>();
        tensors.forEach((pattern, policy) -> rules.add(rule(pattern, policy)));
        Map<String, ? extends Number> counts;
        try {
            counts = switch (named()) {
                case OperatorSpec stream -> fold(stream, rules);
                case MergeSpec merge -> merge(merge, rules);
                case MethodSpec method -> layers(method, rules);
                case dev.weir.operators.Spec other -> throw noMerge(other);
            };
        } catch (SafetensorsException | IllegalArgumentException | UncheckedIOException refused) {
            throw new WeirException("merge", String.valueOf(refused.getMessage()), "", "", refused);
        }
        report(counts);
        return ExitCode.DONE;
    }

    private Map<String, ? extends Number> fold(OperatorSpec stream, List<TensorPolicy.Rule> rules)
            throws InterruptedException {
        Operator chosen = made(() -> stream.create(settings));
        if (chosen instanceof SparseSoup soup && !sides.isEmpty() && base == null) {
            List<Double> weights =
                    IntStream.range(0, inputs.size()).mapToObj(soup::weight).toList();
            return new ModelMerge(new MaskedMerge(weights), rules)
                    .merge(inputs, steps, sideFiles("mask", false), output);
        }
        String companion = chosen.companion();
        if ((base != null && !chosen.beginsWithBase()) || (companion.isEmpty() && !sides.isEmpty())) {
            throw new UsageException(
                    sides.isEmpty() ? "--base" : "--side",
                    "operator " + operator + " takes checkpoints only",
                    "allowed: the inputs in their order",
                    "see docs/operators/" + operator + ".md");
        }
        List<Path> checkpoints = new ArrayList<>(inputs);
        if (base != null) {
            checkpoints.addFirst(base);
        }
        checkSteps(checkpoints);
        List<Long> stepOfEach = steps.isEmpty()
                ? LongStream.rangeClosed(1, checkpoints.size()).boxed().toList()
                : steps;
        // The checkpoints of a trajectory are of one run; models that are merged are each of their own.
        List<String> runs = checkpoints.stream()
                .map(input -> stream.family().equals("A")
                        ? "merge"
                        : input.toAbsolutePath().normalize().toString())
                .toList();
        List<Path> companions = sideFiles(companion, !companion.isEmpty());
        OfflineMerge.Result result =
                new OfflineMerge(chosen, rules).merge(checkpoints, runs, stepOfEach, companions, output);
        passedBy.addAll(result.passedBy());
        return chosen.shape().reductions() == 0 || chosen.selects()
                ? Map.of("entered", (long) result.entered())
                : Map.of("entered", (long) result.entered(), "clamped-tensors", result.clamped());
    }

    private Map<String, Number> merge(MergeSpec named, List<TensorPolicy.Rule> rules) throws InterruptedException {
        Merge chosen = made(() -> named.create(settings));
        List<Path> models = new ArrayList<>(inputs);
        if (base != null && !named.hasBase()) {
            throw new UsageException(
                    "--base",
                    "operator " + operator + " has no base",
                    "allowed: inputs that are " + String.join(", ", named.roles()),
                    "");
        }
        if (base != null) {
            models.addFirst(base);
        }
        checkSteps(models);
        named.check(models.size());
        return new ModelMerge(chosen, rules).merge(models, steps, sideFiles(chosen), output);
    }

    private Map<String, Long> layers(MethodSpec method, List<TensorPolicy.Rule> rules) throws InterruptedException {
        if (!method.facts().inputs().containsAll(Facts.CHECKPOINTS)) {
            throw noMerge(method);
        }
        made(() -> method.read(settings));
        if (base != null || !steps.isEmpty()) {
            throw new UsageException(
                    base != null ? "--base" : "--steps", "operator " + operator + " has none", "allowed: models", "");
        }
        boolean grams = method.equals(RegMean.SPEC);
        List<Path> files = sideFiles(grams ? "gram" : "", grams);
        return grams
                ? new RegMeanMerge(RegMean.of(settings), rules).merge(inputs, files, output)
                : MatchedSoup.merge(inputs, rules, output);
    }

    private static UsageException noMerge(dev.weir.operators.Spec other) {
        return new UsageException(
                "--operator",
                "operator " + other.name() + " merges no models but takes "
                        + String.join(", ", other.facts().inputs()),
                "allowed: operators of families A and B, see weir operators",
                "use " + other.call());
    }

    private List<Path> sideFiles(Merge chosen) {
        return switch (chosen) {
            case ElementMerge weighted -> sideFiles(weighted.side(), true);
            case MaskedMerge masked -> sideFiles("mask", true);
            case LinearMerge linear -> sideFiles("", false);
        };
    }

    /** The second files; empty stands for none that are allowed. */
    private List<Path> sideFiles(String allowed, boolean needed) {
        if (needed && sides.isEmpty()) {
            throw new UsageException(
                    "--side",
                    "operator " + operator + " needs a " + allowed + " file of each input",
                    "allowed: --side " + allowed + "=FILE, one for each input in their order",
                    "see docs/operators/" + operator + ".md");
        }
        Map<String, List<Path>> given = SideOptions.of(sides);
        given.forEach((name, files) -> {
            if (!name.equals(allowed)) {
                throw new UsageException(
                        "--side",
                        name + "=" + files.getFirst() + " means nothing to operator " + operator,
                        allowed.isEmpty() ? "allowed: none" : "allowed: --side " + allowed + "=FILE",
                        "");
            }
        });
        return given.getOrDefault(allowed, List.of());
    }

    private void checkSteps(List<Path> models) {
        if (!steps.isEmpty() && steps.size() != models.size()) {
            throw new UsageException(
                    "--steps",
                    steps.size() + " steps for " + models.size() + " inputs",
                    "allowed: one step an input",
                    "");
        }
    }

    private void report(Map<String, ? extends Number> counts) {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            ObjectNode document = Json.object()
                    .put("operator", operator)
                    .put("inputs", inputs.size() + (base == null ? 0 : 1))
                    .put("output", output.toString());
            new TreeMap<>(counts).forEach((what, number) -> {
                if (number instanceof Double figure) {
                    document.put(what, figure);
                } else {
                    document.put(what, number.longValue());
                }
            });
            ArrayNode passed = document.putArray("passedBy");
            passedBy.forEach(one ->
                    passed.addObject().put("input", one.input().toString()).put("reason", one.reason()));
            out.println(Json.pretty(document));
        } else if (counts.keySet().stream().anyMatch(what -> !what.equals("entered"))) {
            new TreeMap<>(counts).forEach((what, times) -> out.println(what + " " + times));
        }
        if (!json.json()) {
            passedBy.forEach(one -> out.println("passed by: " + one.input() + ": " + one.reason()));
        }
        out.flush();
    }

    private dev.weir.operators.Spec named() {
        return made(() -> Catalogue.spec(operator));
    }

    private static <T> T made(Supplier<T> making) {
        try {
            return making.get();
        } catch (IllegalArgumentException refused) {
            throw new UsageException("--operator", String.valueOf(refused.getMessage()), "", "see weir operators");
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
