package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.cli.experts.Expert;
import dev.weir.cli.experts.ExpertRegistry;
import dev.weir.cli.experts.ExpertRegistry.Scored;
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
        subcommands = {ExpertsVerb.Add.class, ExpertsVerb.ListAll.class, ExpertsVerb.Merge.class},
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

    private static void print(@Nullable CommandSpec spec, List<String> lines) {
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

    @Command(
            name = "merge",
            description = {
                "Merges the experts whose embeddings are nearest to a query by cosine similarity, as weir merge --operator",
                "moerging does with these as scores. Files that are no longer what was added are refused."
            },
            footer = {
                "",
                "Example:",
                "  weir experts merge --registry experts.json --query 0.8,0.3 --top 2 --softmax -o merged.safetensors"
            })
    static final class Merge implements Callable<Integer> {

        @Mixin
        @SuppressWarnings("UnusedVariable")
        private final CommonOptions common = new CommonOptions();

        @Mixin
        private final JsonOption json = new JsonOption();

        @Option(names = "--registry", required = true, paramLabel = "FILE", description = "The registry.")
        private Path registry = Path.of("");

        @Option(
                names = "--query",
                required = true,
                paramLabel = "NUMBERS",
                description = "Embedding of what the merge is for: numbers with commas between.")
        private String query = "";

        @Option(
                names = "--top",
                defaultValue = "1",
                paramLabel = "K",
                description = "How many experts are merged (default: 1).")
        private int top;

        @Option(names = "--softmax", description = "Weigh them by softmax of their similarities rather than alike.")
        private boolean softmax;

        @Option(
                names = "--base",
                paramLabel = "FILE|DIGEST",
                description = "Refuse experts that were trained from another model (default: take those of any).")
        private String base = "";

        @Option(
                names = {"-o", "--output"},
                required = true,
                paramLabel = "OUT",
                description = "Safetensors file to write.")
        private Path output = Path.of("");

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public Integer call() throws InterruptedException {
            List<Double> numbers = NumberOptions.list("--query", query);
            RegistryFile file = new RegistryFile(registry);
            ExpertRegistry experts = file.read();
            List<Scored> nearest;
            try {
                // A number of experts that is out of range is refused by the operator.
                nearest = experts.nearest(numbers, Math.max(1, top));
                ChosenMerge.Work merge = merge(
                        nearest.stream().map(one -> file.fileOf(one.expert())).toList(), nearest);
                String wanted = ExpertDigests.ofBase(base);
                nearest.forEach(one -> ExpertDigests.check(one.expert(), file.fileOf(one.expert()), wanted));
                merge.into(output);
            } catch (SafetensorsException | IllegalArgumentException | UncheckedIOException refused) {
                throw new WeirException("experts merge", String.valueOf(refused.getMessage()), "", "", refused);
            }
            print(spec, json.json() ? List.of(Json.pretty(document(nearest))) : lines(nearest));
            return ExitCode.DONE;
        }

        private ChosenMerge.Work merge(List<Path> models, List<Scored> nearest) {
            List<String> scores =
                    nearest.stream().map(one -> Double.toString(one.score())).toList();
            Map<String, String> settings = Map.of(
                    "scores", String.join(",", scores),
                    "top", Integer.toString(top),
                    "softmax", Boolean.toString(softmax));
            return ChosenMerge.of("moerging", settings, List.of())
                    .over(new ChosenMerge.Inputs(models, false, List.of(), Map.of()));
        }

        private ObjectNode document(List<Scored> nearest) {
            ObjectNode root = Json.object().put("output", output.toString());
            ArrayNode all = root.putArray("experts");
            nearest.forEach(one -> all.addObject()
                    .put("name", one.expert().name())
                    .put("digest", one.expert().digest())
                    .put("score", one.score()));
            return root;
        }

        private static List<String> lines(List<Scored> nearest) {
            return nearest.stream()
                    .map(one -> String.format(
                            Locale.ROOT, "%-20s %.4f", one.expert().name(), one.score()))
                    .toList();
        }
    }
}
