package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.cli.align.Alignment;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.schemas.safetensors.SafetensorsException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
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
        name = "align",
        description = {
            "Brings the hidden units of a model into the order of an anchor's, so that the two can be averaged; what",
            "the model computes stays as it is. Plain multi-layer perceptrons with tensors 0.weight, 0.bias, 2.weight",
            "and so on need nothing else; for other models a file says, tensor by tensor, which axes go together."
        },
        footer = {
            "",
            "Example:",
            "  weir align --to run-1.safetensors -o run-2-aligned.safetensors run-2.safetensors",
            "",
            "A permutation spec:",
            "  conv1.weight: [hidden, null, null, null]",
            "  conv1.bias: [hidden]",
            "  fc.weight: [null, hidden]",
            "",
            "One for experts, in one tensor each under a number, or all in one with an axis for them:",
            "  gate.weight: [experts, null]",
            "  experts.*.weight: [experts, null, null]",
            "  gate.bias: [experts]"
        })
final class AlignVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--to", required = true, paramLabel = "ANCHOR", description = "Model whose order counts.")
    private Path anchor = Path.of("");

    @Option(names = "--spec", paramLabel = "SPEC", description = "Permutation spec, as YAML or JSON.")
    private @Nullable Path specFile;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "OUT",
            description = "Safetensors file to write.")
    private Path output = Path.of("");

    @Parameters(index = "0", paramLabel = "IN", description = "Model to align.")
    private Path input = Path.of("");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        OutputFile.check(output);
        Alignment alignment;
        try {
            alignment = Alignment.write(anchor, input, Optional.ofNullable(specFile), output);
        } catch (SafetensorsException | IllegalArgumentException | UncheckedIOException refused) {
            throw new WeirException("align", String.valueOf(refused.getMessage()), "", "", refused);
        }
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            out.println(Json.pretty(document(alignment)));
        } else {
            alignment
                    .matching()
                    .permutations()
                    .forEach((group, permutation) -> out.println("group " + group + ": " + Alignment.moved(permutation)
                            + " of " + permutation.length + " units moved"));
            out.println(String.format(
                    Locale.ROOT,
                    "distance %.6g before, %.6g after",
                    alignment.distanceBefore(),
                    alignment.distanceAfter()));
        }
        out.flush();
        return ExitCode.DONE;
    }

    private ObjectNode document(Alignment alignment) {
        ObjectNode root = Json.object()
                .put("output", output.toString())
                .put("distanceBefore", alignment.distanceBefore())
                .put("distanceAfter", alignment.distanceAfter())
                .put("sweeps", alignment.matching().sweeps());
        ObjectNode groups = root.putObject("groups");
        alignment.matching().permutations().forEach((group, permutation) -> {
            var units = groups.putArray(group);
            for (int unit : permutation) {
                units.add(unit);
            }
        });
        return root;
    }
}
