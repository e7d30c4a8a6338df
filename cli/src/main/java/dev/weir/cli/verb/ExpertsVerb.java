package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.cli.experts.Expert;
import dev.weir.cli.experts.ExpertRegistry;
import dev.weir.cli.experts.RegistryFile;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.schemas.safetensors.SafetensorsException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "experts",
        synopsisSubcommandLabel = "add|list|merge",
        description = {
            "Keeps a registry of experts, models that were trained from one base for a task each, with an embedding of",
            "that task, and merges those that are nearest to a query. The registry is one JSON file."
        },
        subcommands = {ExpertsVerb.Add.class, ExpertsVerb.ListAll.class, ExpertsMergeVerb.class},
        footer = {
            "",
            "Examples:",
            "  weir experts add --registry experts.json --name law --base base.safetensors --embedding 0.9,0.1 law.safetensors",
            "  weir experts merge --registry experts.json --query 0.8,0.3 --top 2 --softmax -o merged.safetensors"
        })
final class ExpertsVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(), "no action was given; allowed: add, list, merge");
    }

    static void print(@Nullable CommandSpec spec, List<String> lines) {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        lines.forEach(out::println);
        out.flush();
    }

    @Command(
            name = "add",
            description = {
                "Adds a model, which stays where it is: its content digest and what else is said of it are noted. All experts of",
                "a registry have the same base, and embeddings of the same length."
            },
            footer = {
                "",
                "Example:",
                "  weir experts add --registry experts.json --name law --base base.safetensors --embedding 0.9,0.1 law.safetensors"
            })
    static final class Add implements Callable<Integer> {

        @Mixin
        @SuppressWarnings("UnusedVariable")
        private final CommonOptions common = new CommonOptions();

        @Mixin
        private final JsonOption json = new JsonOption();

        @Option(
                names = "--registry",
                required = true,
                paramLabel = "FILE",
                description = "The registry; made if need be.")
        private Path registry = Path.of("");

        @Option(names = "--name", required = true, paramLabel = "NAME", description = "What the expert is called.")
        private String name = "";

        @Option(
                names = "--base",
                paramLabel = "FILE|DIGEST",
                description = "The model from which it was trained, or that one's content digest (default: not said).")
        private String base = "";

        @Option(
                names = "--embedding",
                required = true,
                paramLabel = "NUMBERS",
                description = "Of its task, or the mean of its examples': numbers with commas between.")
        private String embedding = "";

        @Option(names = "--meta", paramLabel = "KEY=VALUE", description = "Something else to keep; may be repeated.")
        private Map<String, String> metadata = new LinkedHashMap<>();

        @Option(names = "--replace", description = "Let it take the place of an expert of that name.")
        private boolean replace;

        @Parameters(index = "0", paramLabel = "MODEL", description = "Safetensors file.")
        private Path model = Path.of("");

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public Integer call() {
            List<Double> numbers = NumberOptions.list("--embedding", embedding);
            RegistryFile file = new RegistryFile(registry);
            Expert expert;
            try {
                String digest = ExpertDigests.of(model);
                expert = new Expert(name, file.nameOf(model), digest, ExpertDigests.ofBase(base), numbers, metadata);
                file.change(experts -> experts.with(expert, replace));
            } catch (SafetensorsException | IllegalArgumentException | UncheckedIOException refused) {
                throw new WeirException("experts add", String.valueOf(refused.getMessage()), "", "", refused);
            }
            print(
                    spec,
                    List.of(
                            json.json()
                                    ? Json.pretty(
                                            Json.object().put("name", name).put("digest", expert.digest()))
                                    : "expert " + name + ": " + expert.digest()));
            return ExitCode.DONE;
        }
    }

    @Command(
            name = "list",
            description = "Prints the experts of a registry, with --json all that is known of them.",
            footer = {"", "Example:", "  weir experts list --registry experts.json --json"})
    static final class ListAll implements Callable<Integer> {

        @Mixin
        @SuppressWarnings("UnusedVariable")
        private final CommonOptions common = new CommonOptions();

        @Mixin
        private final JsonOption json = new JsonOption();

        @Option(names = "--registry", required = true, paramLabel = "FILE", description = "The registry.")
        private Path registry = Path.of("");

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public Integer call() {
            ExpertRegistry all = new RegistryFile(registry).read();
            print(
                    spec,
                    json.json()
                            ? List.of(Json.pretty(RegistryFile.tree(all)))
                            : all.experts().values().stream()
                                    .map(expert -> String.format(
                                            Locale.ROOT,
                                            "%-20s %.12s  %s",
                                            expert.name(),
                                            expert.digest(),
                                            expert.file()))
                                    .toList());
            return ExitCode.DONE;
        }
    }
}
