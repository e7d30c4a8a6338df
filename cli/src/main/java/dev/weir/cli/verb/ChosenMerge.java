package dev.weir.cli.verb;

import dev.weir.cli.UsageException;
import dev.weir.cli.align.MatchedSoup;
import dev.weir.cli.merge.ModelMerge;
import dev.weir.cli.merge.OfflineMerge;
import dev.weir.cli.merge.RegMeanMerge;
import dev.weir.operators.Catalogue;
import dev.weir.operators.Facts;
import dev.weir.operators.MethodSpec;
import dev.weir.operators.ModelStock;
import dev.weir.operators.Operator;
import dev.weir.operators.OperatorSpec;
import dev.weir.operators.SparseSoup;
import dev.weir.operators.Spec;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.gram.RegMean;
import dev.weir.operators.merge.ElementMerge;
import dev.weir.operators.merge.LinearMerge;
import dev.weir.operators.merge.MaskedMerge;
import dev.weir.operators.merge.Merge;
import dev.weir.operators.merge.MergeSpec;
import dev.weir.operators.setting.Setting;
import dev.weir.schemas.safetensors.SafetensorsFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A merge that was asked for.
 *
 * @param spec the operator
 * @param settings its settings as text
 * @param rules what becomes of tensors
 */
record ChosenMerge(Spec spec, Map<String, String> settings, List<TensorPolicy.Rule> rules) {
    /** What a plan alone can say, by operator: channels, evaluations and side inputs, which files do not have. */
    private static final Map<String, Set<String>> OF_PLANS = Map.of(
            "bcwi", Set.of("from", "flip-budget", "keep-accuracy", "grid", "keep-baseline"),
            "kalman", Set.of("loss-input"),
            "uniform-soup", Set.of("weight-input"));

    /**
     * What is merged.
     *
     * @param models files, oldest first; a base before all others
     * @param hasBase whether the first was named as the base
     * @param steps trainer step of each; empty when nobody said
     * @param sides second files of the models by name, in their order
     */
    record Inputs(List<Path> models, boolean hasBase, List<Long> steps, Map<String, List<Path>> sides) {}

    /**
     * What came of it.
     *
     * @param counts what the operator counted or measured
     * @param passedBy inputs that did not enter, and why
     * @param leftOut inputs that the operator does not take by its settings, such as all but every n-th
     * @param unmatched patterns that are for no tensor of the models
     */
    record Merged(
            Map<String, ? extends Number> counts,
            List<OfflineMerge.PassedBy> passedBy,
            int leftOut,
            List<String> unmatched) {

        /** What is worth a line: counts, unless only how many entered, and what did not. */
        List<String> lines() {
            List<String> lines = new ArrayList<>();
            if (counts.keySet().stream().anyMatch(what -> !what.equals("entered"))) {
                new TreeMap<>(counts).forEach((what, times) -> lines.add(what + " " + times));
            }
            if (leftOut > 0) {
                lines.add("left out by the settings: " + leftOut + " of the inputs");
            }
            passedBy.forEach(one -> lines.add("passed by: " + one.input() + ": " + one.reason()));
            unmatched.forEach(pattern -> lines.add("matches no tensor: --tensor " + pattern));
            return lines;
        }
    }

    /** A merge whose inputs are what its operator takes, as far as that can be told without reading them. */
    interface Work {
        /** @throws IllegalArgumentException when the files do not go together or with the settings */
        Merged into(Path output) throws InterruptedException;
    }

    /** @throws UsageException for an unknown operator */
    static ChosenMerge of(String operator, Map<String, String> settings, List<TensorPolicy.Rule> rules) {
        return new ChosenMerge(made(() -> Catalogue.spec(operator)), Map.copyOf(settings), List.copyOf(rules));
    }

    /**
     * Checks settings and inputs; no file is read.
     *
     * @throws UsageException when settings are wrong, or an option means nothing to the operator
     * @throws IllegalArgumentException when there are too few models
     */
    Work over(Inputs inputs) {
        return switch (spec) {
            case OperatorSpec stream -> fold(stream, inputs);
            case MergeSpec merge -> merge(merge, inputs);
            case MethodSpec method -> layers(method, inputs);
            default -> throw noMerge();
        };
    }

    private List<String> unmatched(Inputs inputs) {
        if (rules.isEmpty()) {
            return List.of();
        }
        try (SafetensorsFile file = SafetensorsFile.open(inputs.models().getFirst())) {
            return TensorPolicy.unmatched(file.layout().tensors(), rules);
        }
    }

    private Work fold(OperatorSpec stream, Inputs inputs) {
        Operator chosen = made(() -> stream.create(settings));
        checkSteps(inputs);
        int count = inputs.models().size();
        if (chosen instanceof SparseSoup soup && !inputs.sides().isEmpty() && !inputs.hasBase()) {
            List<Double> weights =
                    IntStream.range(0, count).mapToObj(soup::weight).toList();
            checkSettings(stream, count);
            return models(new MaskedMerge(weights), false, inputs, second(inputs, "mask", false));
        }
        String companion = chosen.companion();
        if ((inputs.hasBase() && !chosen.beginsWithBase())
                || (companion.isEmpty() && !inputs.sides().isEmpty())) {
            throw new UsageException(
                    inputs.sides().isEmpty() ? "--base" : "--side",
                    "operator " + spec.name() + " takes checkpoints only",
                    "allowed: the inputs in their order",
                    "see docs/operators/" + spec.name() + ".md");
        }
        checkSettings(stream, count - (chosen.beginsWithBase() ? 1 : 0));
        List<Long> steps = inputs.steps().isEmpty()
                ? LongStream.rangeClosed(1, count).boxed().toList()
                : inputs.steps();
        // The checkpoints of a trajectory are of one run; models that are merged are each of their own.
        List<String> runs = inputs.models().stream()
                .map(input -> stream.family().equals("A")
                        ? "merge"
                        : input.toAbsolutePath().normalize().toString())
                .toList();
        List<Path> companions = second(inputs, companion, !companion.isEmpty());
        return output -> {
            OfflineMerge.Result result =
                    new OfflineMerge(chosen, rules).merge(inputs.models(), runs, steps, companions, output);
            Map<String, Long> counts = chosen instanceof ModelStock
                    ? Map.of("entered", (long) result.entered(), "clamped-tensors", result.clamped())
                    : Map.of("entered", (long) result.entered());
            int leftOut = count - result.entered() - result.passedBy().size();
            return new Merged(counts, result.passedBy(), leftOut, unmatched(inputs));
        };
    }

    private Work merge(MergeSpec named, Inputs inputs) {
        Merge chosen = made(() -> named.create(settings));
        if (inputs.hasBase() && !named.hasBase()) {
            throw new UsageException(
                    "--base",
                    "operator " + spec.name() + " has no base",
                    "allowed: inputs that are " + String.join(", ", named.roles()),
                    "");
        }
        checkSteps(inputs);
        named.check(inputs.models().size());
        List<Path> seconds = switch (chosen) {
            case ElementMerge weighted -> second(inputs, weighted.side(), true);
            case MaskedMerge masked -> second(inputs, "mask", true);
            case LinearMerge linear -> second(inputs, "", false);
        };
        return models(chosen, named.hasBase(), inputs, seconds);
    }

    private Work models(Merge chosen, boolean hasBase, Inputs inputs, List<Path> seconds) {
        return output -> new Merged(
                new ModelMerge(chosen, rules, hasBase).merge(inputs.models(), inputs.steps(), seconds, output),
                List.of(),
                0,
                unmatched(inputs));
    }

    private Work layers(MethodSpec method, Inputs inputs) {
        if (!method.facts().inputs().containsAll(Facts.CHECKPOINTS)) {
            throw noMerge();
        }
        made(() -> method.read(settings));
        if (inputs.hasBase() || !inputs.steps().isEmpty()) {
            throw new UsageException(
                    inputs.hasBase() ? "--base" : "--steps",
                    "operator " + spec.name() + " has none",
                    "allowed: models",
                    "");
        }
        boolean regmean = method.equals(RegMean.SPEC);
        List<Path> grams = second(inputs, regmean ? "gram" : "", regmean);
        return output -> new Merged(
                regmean
                        ? new RegMeanMerge(RegMean.of(settings), rules).merge(inputs.models(), grams, output)
                        : MatchedSoup.merge(inputs.models(), rules, output),
                List.of(),
                0,
                unmatched(inputs));
    }

    /** Whether it asks for trainer steps, which methods of layers do not have. */
    boolean takesSteps() {
        return !(spec instanceof MethodSpec);
    }

    private UsageException noMerge() {
        return new UsageException(
                "--operator",
                "operator " + spec.name() + " merges no models but takes "
                        + String.join(", ", spec.facts().inputs()),
                "allowed: operators of families A and B, see weir operators",
                "use " + spec.call());
    }

    /** The second files; an empty name stands for none that are allowed. */
    private List<Path> second(Inputs inputs, String allowed, boolean needed) {
        if (needed && inputs.sides().isEmpty()) {
            throw new UsageException(
                    "--side",
                    "operator " + spec.name() + " needs a " + allowed + " file of each input",
                    "allowed: --side " + allowed + "=FILE, one for each input in their order",
                    "see docs/operators/" + spec.name() + ".md");
        }
        inputs.sides().forEach((name, files) -> {
            if (!name.equals(allowed)) {
                throw new UsageException(
                        "--side",
                        name + "=" + files.getFirst() + " means nothing to operator " + spec.name(),
                        allowed.isEmpty() ? "allowed: none" : "allowed: --side " + allowed + "=FILE",
                        "");
            }
        });
        return inputs.sides().getOrDefault(allowed, List.of());
    }

    /** @param models inputs but the base */
    private void checkSettings(OperatorSpec stream, int models) {
        for (Setting setting : stream.settings()) {
            String given = settings.get(setting.name());
            if (given == null) {
                continue;
            }
            if (OF_PLANS.getOrDefault(spec.name(), Set.of()).contains(setting.name())) {
                throw new UsageException(
                        "--set " + setting.name(),
                        "means nothing to operator " + spec.name() + " over files",
                        "allowed: in a plan",
                        "see docs/operators/" + spec.name() + ".md");
            }
            int numbers = given.split(",", -1).length;
            if (setting.kind() == Setting.Kind.NUMBERS && numbers > models) {
                throw new UsageException(
                        "--set " + setting.name(),
                        numbers + " numbers for " + models + " models",
                        "allowed: one a model at most, in their order",
                        "");
            }
        }
    }

    private static void checkSteps(Inputs inputs) {
        if (!inputs.steps().isEmpty()
                && inputs.steps().size() != inputs.models().size()) {
            throw new UsageException(
                    "--steps",
                    inputs.steps().size() + " steps for " + inputs.models().size() + " inputs",
                    "allowed: one step an input",
                    "");
        }
    }

    private static <T> T made(Supplier<T> making) {
        try {
            return making.get();
        } catch (IllegalArgumentException refused) {
            throw new UsageException("--operator", String.valueOf(refused.getMessage()), "", "see weir operators");
        }
    }
}
