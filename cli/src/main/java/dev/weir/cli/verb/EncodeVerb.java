package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.cli.delta.DeltaEncoding;
import dev.weir.cli.delta.DeltaSizes;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.schemas.delta.Choice;
import dev.weir.schemas.safetensors.SafetensorsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
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
        name = "encode",
        description = {
            "Writes the exact difference of a safetensors file against an earlier one, for weir decode. Nothing is rounded;",
            "tensors that the earlier one has not, or has in another shape, travel whole."
        },
        footer = {"", "Example:", "  weir encode --base step-20.safetensors -o step-40.delta step-40.safetensors"})
final class EncodeVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--base", required = true, paramLabel = "OLD", description = "Model that the reader has.")
    private Path base = Path.of("");

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "DELTA",
            description = "Delta file to write.")
    private Path output = Path.of("");

    @Option(
            names = "--encoding",
            defaultValue = "auto",
            paramLabel = "NAME",
            description = "auto, full, fast or entropy (default: ${DEFAULT-VALUE}).")
    private String encoding = "";

    @Parameters(index = "0", paramLabel = "NEW", description = "Safetensors file to encode.")
    private Path input = Path.of("");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Choice choice = EncodingChoice.of(encoding, "encode");
        OutputFile.check(output);
        DeltaSizes sizes;
        try {
            sizes = DeltaEncoding.encode(base, input, output, choice);
        } catch (SafetensorsException refused) {
            throw new WeirException("encode", String.valueOf(refused.getMessage()), "", "", refused);
        }
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            out.println(Json.pretty(sizes.json()));
        } else {
            out.printf(Locale.ROOT, "%s: %.2f %% of %s%n", output, 100 * sizes.ratio(), input);
        }
        out.flush();
        return ExitCode.DONE;
    }
}
