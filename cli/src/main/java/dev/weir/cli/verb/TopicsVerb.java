package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.cli.option.PartitionsOption;
import dev.weir.clients.Connection;
import dev.weir.schemas.topic.TopicAdmin;
import dev.weir.schemas.topic.TopicSpec;
import dev.weir.schemas.topic.Topics;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "topics",
        description =
                "Makes the topics of a model that are missing (apply), or compares them with the catalogue (verify).",
        footer = {"", "Example:", "  weir topics verify --model mnist"})
final class TopicsVerb implements Callable<Integer> {
    /** What to do. */
    enum Action {
        apply,
        verify
    }

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Parameters(paramLabel = "apply|verify", description = "What to do.")
    private Action action = Action.verify;

    @Option(names = "--model", required = true, paramLabel = "MODEL", description = "Name of the model.")
    private String model = "";

    @Mixin
    private final PartitionsOption partitions = new PartitionsOption();

    @Option(
            names = "--replication",
            paramLabel = "N",
            description =
                    "Replicas of new topics; -1: as many as the brokers' default.replication.factor (default: -1).")
    private short replication = -1;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        Topics topics = Connection.topics(model);
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        try (Admin admin = client.reach()) {
            TopicAdmin topicAdmin = new TopicAdmin(admin);
            int there = topicAdmin.partitions(topics.deltas());
            List<TopicSpec> catalogue = topics.catalogue(partitions.of(model, there));
            List<String> created = action == Action.verify
                    ? List.of()
                    : topicAdmin.create(catalogue, replication).stream()
                            .map(TopicSpec::name)
                            .toList();
            List<String> differences = topicAdmin.verify(catalogue);
            if (action == Action.apply) {
                report(out, "created", created, topicAdmin.warnings(catalogue));
            } else {
                report(out, "differences", differences, topicAdmin.warnings(catalogue));
            }
            if (!differences.isEmpty()) {
                throw new WeirException(
                        "topics of " + model,
                        String.join("; ", differences),
                        "",
                        "run weir topics apply --model " + model + ", or alter them");
            }
        }
        return ExitCode.DONE;
    }

    private void report(PrintWriter out, String what, List<String> lines, List<String> warnings) {
        if (json.json()) {
            ObjectNode document = Json.object().put("model", model);
            lines.forEach(document.putArray(what)::add);
            warnings.forEach(document.putArray("warnings")::add);
            out.println(Json.pretty(document));
        } else {
            if (lines.isEmpty()) {
                out.println(what + ": none");
            }
            lines.forEach(line -> out.println(what + ": " + line));
            warnings.forEach(line -> out.println("warning: " + line));
        }
        out.flush();
    }
}
