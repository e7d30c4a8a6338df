package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.HttpJson;
import dev.weir.cli.option.JsonOption;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "status",
        description =
                "Shows what a running weir up, or one weir run, says of itself: processes, channels, counters, latency.",
        footer = {"", "Example:", "  weir status --json --http http://127.0.0.1:8080"})
final class StatusVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        JsonNode status = HttpJson.get(client, "/status");
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            out.println(Json.pretty(status));
        } else {
            print(status, out);
        }
        out.flush();
        return ExitCode.DONE;
    }

    private static void print(JsonNode status, PrintWriter out) {
        boolean one = status.has("role");
        if (one) {
            out.printf(
                    "%s of model %s: %s%n",
                    status.path("role").asText(),
                    status.path("model").asText(),
                    status.path("state").asText());
        } else {
            processes(status, out);
        }
        String only = status.path("model").asText();
        if (!status.path("channels").isEmpty()) {
            out.printf("%n%-24s %-24s %-9s %s%n", "MODEL", "CHANNEL", "VERSION", "COMPLETED");
        }
        for (JsonNode channel : status.path("channels")) {
            out.printf(
                    "%-24s %-24s %-9d %s%n",
                    channel.path("model").asText(only),
                    channel.path("channel").asText(),
                    channel.path("version").asLong(),
                    time(channel.path("sealedAtMs").asLong()));
        }
        if (one) {
            applications(out, List.of(status));
            table(out, "COUNTER", status.path("counters"));
        } else {
            applications(out, status.path("applications"));
            counters(out, status.path("counters"));
        }
        table(out, "LATENCY (MS)", status.path("latencyMs"));
    }

    private static void processes(JsonNode status, PrintWriter out) {
        out.printf("%-24s %8s %-11s %s%n", "PROCESS", "PID", "STATE", "RESTARTS");
        for (JsonNode process : status.path("processes")) {
            String model = process.path("model").asText("");
            String name = process.path("name").asText() + (model.isEmpty() ? "" : " " + model);
            out.printf(
                    "%-24s %8s %-11s %d%s%n",
                    name,
                    process.path("pid").asText("-"),
                    process.path("state").asText(),
                    process.path("restarts").asInt(),
                    process.has("failure") ? "  " + process.path("failure").asText() : "");
        }
    }

    private static String time(long ms) {
        return ms == 0
                ? "-"
                : Instant.ofEpochMilli(ms).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static void applications(PrintWriter out, Iterable<JsonNode> applications) {
        if (!applications.iterator().hasNext()) {
            return;
        }
        out.printf("%n%-24s %-14s %-6s %8s  %s%n", "MODEL", "ROLE", "READY", "LAG", "STANDS");
        for (JsonNode application : applications) {
            long lag = 0;
            for (JsonNode partition : application.path("lagRecords")) {
                lag += partition.asLong();
            }
            out.printf(
                    "%-24s %-14s %-6s %8d  %s%n",
                    application.path("model").asText(),
                    application.path("role").asText(),
                    application.path("ready").asBoolean() ? "yes" : "no",
                    lag,
                    stands(application));
        }
    }

    /** What is to be known of an application beside its counters, in words. */
    private static String stands(JsonNode application) {
        List<String> parts = new ArrayList<>();
        JsonNode undecided = application.path("undecided");
        if (undecided.path("checkpoints").asInt() > 0) {
            parts.add(undecided.path("checkpoints").asInt() + " undecided, "
                    + undecided.path("stepsBehind").asLong() + " steps behind");
        }
        if (!application.path("baselinePin").path("lastError").asText("").isEmpty()) {
            parts.add("pin of the baseline failed: "
                    + application.path("baselinePin").path("lastError").asText());
        }
        for (String look : List.of("fencing", "repair")) {
            String reason = application.path("orphanedTransactions").path(look).asText("");
            if (!reason.isEmpty()) {
                parts.add(look + " of transactions failed: " + reason);
            }
        }
        JsonNode baseline = application.path("baseline");
        if (baseline.isObject()) {
            parts.add("in service: " + baseline.path("channel").asText() + " version "
                    + baseline.path("version").asLong()
                    + (baseline.path("evaluated").asBoolean() ? "" : ", not evaluated"));
        }
        if (application.path("gate").path("waiting").asInt() > 0) {
            parts.add(application.path("gate").path("waiting").asInt() + " candidates wait at the gate");
        }
        return String.join("; ", parts);
    }

    private static void counters(PrintWriter out, JsonNode models) {
        if (models.isEmpty()) {
            return;
        }
        out.printf("%n%-24s %-14s %-34s %s%n", "MODEL", "ROLE", "COUNTER", "VALUE");
        for (Map.Entry<String, JsonNode> model : models.properties()) {
            for (Map.Entry<String, JsonNode> role : model.getValue().properties()) {
                for (Map.Entry<String, JsonNode> counter : role.getValue().properties()) {
                    out.printf(
                            "%-24s %-14s %-34s %s%n",
                            model.getKey(),
                            role.getKey(),
                            counter.getKey(),
                            counter.getValue().asText());
                }
            }
        }
    }

    private static void table(PrintWriter out, String title, JsonNode values) {
        if (values.isEmpty()) {
            return;
        }
        out.printf("%n%-49s %s%n", title, "VALUE");
        for (Map.Entry<String, JsonNode> value : values.properties()) {
            out.printf("%-49s %s%n", value.getKey(), value.getValue().asText());
        }
    }
}
