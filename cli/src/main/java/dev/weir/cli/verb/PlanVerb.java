package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.cli.baseline.PinWait;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.HttpJson;
import dev.weir.cli.option.JsonOption;
import dev.weir.cli.option.PartitionsOption;
import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.plan.PlanClient;
import dev.weir.schemas.safetensors.SafetensorsException;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.topic.TopicAdmin;
import dev.weir.schemas.topic.Topics;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanException;
import dev.weir.topology.plan.PlanFormat;
import dev.weir.topology.plan.PlanSizes;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

@Command(
        name = "plan",
        synopsisSubcommandLabel = "apply|get|check",
        description = "Says what to maintain for a model: channels, each one operator with its settings.",
        subcommands = {PlanVerb.Apply.class, PlanVerb.Get.class, PlanVerb.Check.class},
        footer = {"", "Example:", "  weir plan apply plan.yaml"})
final class PlanVerb implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(), "no action was given; allowed: apply, get, check");
    }

    static Plan read(Path file) {
        try {
            return PlanFormat.parse(Files.readString(file));
        } catch (IOException unreadable) {
            throw new WeirException(
                    "plan " + file, "cannot be read", "allowed: a YAML file", "check the path", unreadable);
        } catch (PlanException refused) {
            throw new WeirException(String.valueOf(refused.getMessage()), "in " + file, "", "correct it", refused);
        }
    }

    private static JsonNode json(String text) {
        try {
            return Json.parse(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Command(
            name = "apply",
            description = {
                "Puts a plan in force: the weir up at --http makes the model's topics and starts its applications where they",
                "are missing, then its coordinator is asked. With --bootstrap and without --http it is asked at once: on a",
                "Kafka of your own, after weir topics apply and weir run. Channels that stay as they are go on; others begin",
                "or end."
            },
            footer = {
                "",
                "Examples:",
                "  weir plan apply plan.yaml",
                "  weir plan apply --bootstrap kafka-1:9092 --registry http://registry:8081 plan.yaml"
            })
    static final class Apply implements Callable<Integer> {
        @Mixin
        @SuppressWarnings("UnusedVariable")
        private final CommonOptions common = new CommonOptions();

        @Mixin
        private final ClientOptions client = new ClientOptions();

        @Mixin
        private final JsonOption json = new JsonOption();

        @Mixin
        private final PartitionsOption partitions = new PartitionsOption();

        @Parameters(paramLabel = "FILE", description = "The plan, as YAML.")
        private Path file = Path.of("");

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public Integer call() {
            Plan plan = read(file);
            String text = PlanFormat.toJson(plan);
            if (straight()) {
                checkTopics(plan.model());
            } else {
                client.reach().close();
                HttpJson.post(client, "/plans", request(plan.model(), text));
            }
            long seq;
            try (PlanClient plans = PlanClient.open(client.connection(), plan.model())) {
                seq = plans.propose(text, client.timeoutGiven() ? client.timeout() : Duration.ofSeconds(60));
            }
            PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
            if (json.json()) {
                out.println(Json.pretty(Json.object().put("model", plan.model()).put("seq", seq)));
            } else {
                out.println("model " + plan.model() + ": plan in force since decision " + seq);
            }
            out.flush();
            pinned(plan);
            return ExitCode.DONE;
        }

        /** Of channels that mix with the baseline. */
        private void pinned(Plan plan) {
            try {
                PinWait.await(
                        client.connection(),
                        plan.model(),
                        plan,
                        client.timeoutGiven() ? client.timeout() : Duration.ofSeconds(60));
            } catch (WeirException | ClientException late) {
                throw new WeirException(
                        "model " + plan.model(),
                        "the plan IS in force, but what follows is not seen yet: " + late.getMessage(),
                        "",
                        "the same plan again changes nothing, and waits once more",
                        late);
            }
        }

        /** Who names a Kafka and no {@code weir up} means one of his own. */
        private boolean straight() {
            ParseResult words = Objects.requireNonNull(spec).commandLine().getParseResult();
            return words.hasMatchedOption("--bootstrap") && !words.hasMatchedOption("--http");
        }

        private void checkTopics(String model) {
            Topics topics = Connection.topics(model);
            int there;
            try (Admin admin = client.reach()) {
                there = new TopicAdmin(admin).partitions(topics.deltas());
            }
            if (there == 0) {
                throw new WeirException(
                        "model " + model,
                        "has no topics at broker " + client.bootstrap(),
                        "on a Kafka of your own they are made first; a `weir up` makes them if --http names it",
                        "run `weir topics apply --model " + model + " --bootstrap " + client.bootstrap()
                                + "`, then `weir run`");
            }
            partitions.of(model, there);
        }

        private ObjectNode request(String model, String plan) {
            ObjectNode body = Json.object().put("model", model);
            body.set("plan", json(plan));
            if (partitions.given() != null) {
                body.put("partitions", partitions.given());
            }
            return body;
        }
    }

    @Command(
            name = "get",
            description = "Prints the plan in force, as YAML or with --json as JSON.",
            footer = {"", "Example:", "  weir plan get --model mnist"})
    static final class Get implements Callable<Integer> {
        @Mixin
        @SuppressWarnings("UnusedVariable")
        private final CommonOptions common = new CommonOptions();

        @Mixin
        private final ClientOptions client = new ClientOptions();

        @Mixin
        private final JsonOption json = new JsonOption();

        @Option(names = "--model", required = true, paramLabel = "MODEL", description = "Name of the model.")
        private String model = "";

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            client.reach().close();
            String text;
            try (PlanClient plans = PlanClient.open(client.connection(), model)) {
                text = plans.inForce()
                        .orElseThrow(() ->
                                new WeirException("model " + model, "has no plan yet", "", "run weir plan apply FILE"));
            }
            PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
            out.print(json.json() ? Json.pretty(json(text)) + "\n" : new YAMLMapper().writeValueAsString(json(text)));
            out.flush();
            return ExitCode.DONE;
        }
    }

    @Command(
            name = "check",
            description = {
                "Reads a plan and says what is wrong with it; needs no running Weir. With --like it says what the plan keeps of such",
                "a model: memory off the heap, and versions and keyframes on the brokers."
            },
            footer = {
                "",
                "Examples:",
                "  weir plan check plan.yaml",
                "  weir plan check plan.yaml --like examples/checkpoints/step-0020.safetensors"
            })
    static final class Check implements Callable<Integer> {
        @Mixin
        @SuppressWarnings("UnusedVariable")
        private final CommonOptions common = new CommonOptions();

        @Mixin
        @SuppressWarnings("UnusedVariable")
        private final ClientOptions client = new ClientOptions();

        @Mixin
        private final JsonOption json = new JsonOption();

        @Option(
                names = "--like",
                paramLabel = "WEIGHTS",
                description =
                        "A checkpoint of the model: a safetensors file, an index of shards or a directory. Only its header"
                                + " is read.")
        private @Nullable Path like;

        @Parameters(paramLabel = "FILE", description = "The plan, as YAML.")
        private Path file = Path.of("");

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public Integer call() {
            Plan plan = read(file);
            Path weights = like;
            PlanSizes sizes = weights == null ? null : sizes(plan, weights);
            PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
            if (json.json()) {
                ObjectNode report = (ObjectNode) json(PlanFormat.toJson(plan));
                if (sizes != null) {
                    report.set("sizes", PlanSizesText.json(sizes));
                }
                out.println(Json.pretty(report));
            } else {
                int channels = plan.channels().size();
                out.println("plan of model " + plan.model() + ": " + channels
                        + (channels == 1 ? " channel, sound" : " channels, sound"));
                if (sizes != null) {
                    out.print("\n" + PlanSizesText.text(sizes));
                }
            }
            out.flush();
            return ExitCode.DONE;
        }

        private static PlanSizes sizes(Plan plan, Path weights) {
            try (SafetensorsFile model = SafetensorsFile.open(weights)) {
                return PlanSizes.of(plan, model.layout());
            } catch (SafetensorsException damaged) {
                throw new WeirException(
                        "weights " + weights, String.valueOf(damaged.getMessage()), "", "name another file", damaged);
            }
        }
    }
}
