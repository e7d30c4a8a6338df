package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.cli.experts.ExpertRegistry;
import dev.weir.cli.experts.ExpertRegistry.Scored;
import dev.weir.cli.experts.RegistryFile;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.schemas.safetensors.SafetensorsException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
final class ExpertsMergeVerb implements Callable<Integer> {

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
        OutputFile.check(output);
        RegistryFile file = new RegistryFile(registry);
        ExpertRegistry experts = file.read();
        List<Scored> nearest;
        try {
            // A number of experts that is out of range is refused by the operator.
            nearest = experts.nearest(numbers, Math.max(1, top));
            ChosenMerge.Work merge =
                    merge(nearest.stream().map(one -> file.fileOf(one.expert())).toList(), nearest);
            String wanted = ExpertDigests.ofBase(base);
            nearest.forEach(one -> ExpertDigests.check(one.expert(), file.fileOf(one.expert()), wanted));
            merge.into(output);
        } catch (SafetensorsException | IllegalArgumentException | UncheckedIOException refused) {
            throw new WeirException("experts merge", String.valueOf(refused.getMessage()), "", "", refused);
        }
        ExpertsVerb.print(spec, json.json() ? List.of(Json.pretty(document(nearest))) : lines(nearest));
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
                .map(one ->
                        String.format(Locale.ROOT, "%-20s %.4f", one.expert().name(), one.score()))
                .toList();
    }
}
