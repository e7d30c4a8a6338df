package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.operators.Catalogue;
import dev.weir.operators.Facts;
import dev.weir.operators.Spec;
import dev.weir.operators.setting.Setting;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;

@Command(
        name = "operators",
        description = {
            "Lists every operator: its entry in the catalogue of papers, its name, whether a channel of a plan can run it,",
            "or it takes files, or a table of evaluations; what must be known before an element can be computed (sums over its",
            "tensor or the model, matrices of its layer), bytes of state for each f32 parameter in a stream, its inputs, and the",
            "paper. docs/operators has a page for each."
        },
        footer = {"", "Example:", "  weir operators --json"})
final class OperatorsVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @picocli.CommandLine.Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            ArrayNode all = Json.array();
            Catalogue.all().forEach(operator -> all.add(document(operator)));
            out.println(Json.pretty(all));
        } else {
            for (Spec operator : Catalogue.all()) {
                out.println("%-4s%-20s%-8s%-12s%-7s%-31s%s"
                        .formatted(
                                operator.id(),
                                operator.name(),
                                runsOn(operator),
                                operator.facts().cost().label(),
                                operator.streams() ? operator.statePerParameter() + " B" : "-",
                                String.join(", ", operator.facts().inputs()),
                                operator.title()));
            }
        }
        out.flush();
        return ExitCode.DONE;
    }

    private static String runsOn(Spec operator) {
        if (operator.streams()) {
            return "stream";
        }
        return operator.facts().inputs().contains(Facts.CHECKPOINTS.getFirst()) ? "files" : "table";
    }

    private static ObjectNode document(Spec operator) {
        ObjectNode node = Json.object()
                .put("id", operator.id())
                .put("name", operator.name())
                .put("family", operator.family())
                .put("shape", operator.facts().shape())
                .put("title", operator.title())
                .put("reference", operator.reference())
                .put("cost", operator.facts().cost().label());
        ArrayNode settings = node.putArray("settings");
        operator.settings().forEach(setting -> settings.add(document(setting)));
        ArrayNode inputs = node.putArray("inputs");
        operator.facts().inputs().forEach(inputs::add);
        return node.put("statePerParameter", operator.statePerParameter())
                .put("streams", operator.streams())
                .put("feedback", operator.facts().feedback());
    }

    private static ObjectNode document(Setting setting) {
        ObjectNode node = Json.object()
                .put("name", setting.name())
                .put("kind", setting.kind().name().toLowerCase(java.util.Locale.ROOT))
                .put("default", setting.defaultText());
        if (List.of(Setting.Kind.NUMBER, Setting.Kind.INTEGER, Setting.Kind.NUMBERS)
                .contains(setting.kind())) {
            node.put("min", setting.min()).put("max", setting.max());
        }
        return node.put("allowed", setting.allowed()).put("doc", setting.doc());
    }
}
