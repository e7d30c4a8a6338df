package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        footer = {"", "Examples:", "  weir topics verify --model mnist", "  weir topics apply --model mnist --alter"})
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

    @Option(
            names = "--alter",
            description = "With apply: also gives topics that exist the catalogue's settings. Partitions never change.")
    private boolean alter;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (alter && action == Action.verify) {
            throw new UsageException("--alter", "verify alters nothing", "topics apply", "see weir topics --help");
        }
        Topics topics = Connection.topics(model);
        try (Admin admin = client.reach()) {
            TopicAdmin topicAdmin = new TopicAdmin(admin);
            int there = topicAdmin.partitions(topics.deltas());
            List<TopicSpec> catalogue = topics.catalogue(partitions.of(model, there));
            Map<String, List<String>> report = new LinkedHashMap<>();
            if (action == Action.apply) {
                report.put(
                        "created",
                        topicAdmin.create(catalogue, replication).stream()
                                .map(TopicSpec::name)
                                .toList());
            }
            if (alter) {
                report.put("altered", topicAdmin.alter(catalogue));
            }
            List<String> differences = topicAdmin.verify(catalogue);
            if (action == Action.verify) {
                report.put("differences", differences);
            }
            print(report, topicAdmin.warnings(catalogue));
            if (!differences.isEmpty()) {
                throw new WeirException(
                        "topics of " + model,
                        String.join("; ", differences),
                        "",
                        "run weir topics apply --model " + model + ", with --alter for settings of topics that exist");
            }
        }
        return ExitCode.DONE;
    }

    private void print(Map<String, List<String>> report, List<String> warnings) {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            ObjectNode document = Json.object().put("model", model);
            report.forEach((what, lines) -> lines.forEach(document.putArray(what)::add));
            warnings.forEach(document.putArray("warnings")::add);
            out.println(Json.pretty(document));
        } else {
            report.forEach((what, lines) -> {
                if (lines.isEmpty()) {
                    out.println(what + ": none");
                }
                lines.forEach(line -> out.println(what + ": " + line));
            });
            warnings.forEach(line -> out.println("warning: " + line));
        }
        out.flush();
    }
}
