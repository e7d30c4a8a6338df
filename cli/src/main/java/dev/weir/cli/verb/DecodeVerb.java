package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.cli.delta.DeltaDecoding;
import dev.weir.cli.delta.DeltaSizes;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.schemas.safetensors.SafetensorsException;
import java.io.IOException;
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
        name = "decode",
        description = {
            "Restores the safetensors file that weir encode encoded, byte for byte. A base of another content is refused,",
            "and so is a damaged delta; the output appears when all of it was verified."
        },
        footer = {"", "Example:", "  weir decode --base step-20.safetensors -o step-40.safetensors step-40.delta"})
final class DecodeVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--base", required = true, paramLabel = "OLD", description = "Model that it was encoded against.")
    private Path base = Path.of("");

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "NEW",
            description = "Safetensors file to write.")
    private Path output = Path.of("");

    @Parameters(index = "0", paramLabel = "DELTA", description = "Delta file to decode.")
    private Path input = Path.of("");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        OutputFile.check(output);
        DeltaSizes sizes;
        try {
            sizes = DeltaDecoding.decode(base, input, output);
        } catch (SafetensorsException refused) {
            throw new WeirException("decode", String.valueOf(refused.getMessage()), "", "", refused);
        }
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            out.println(Json.pretty(sizes.json()));
            out.flush();
        }
        return ExitCode.DONE;
    }
}
