package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.publish.WeightSource;
import dev.weir.schemas.safetensors.SafetensorsException;
import dev.weir.schemas.safetensors.SafetensorsFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "publish",
        description = {
            "Publishes a checkpoint and waits until it is accepted and every snapshot due from it is complete.",
            "Exits with 1 and says why if it is rejected. --timeout limits the wait (default: 10 minutes)."
        },
        footer = {"", "Example:", "  weir publish --model mnist --run run-1 --step 420 step-420.safetensors"})
final class PublishVerb implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--model", required = true, paramLabel = "MODEL", description = "A model that has a plan.")
    private String model = "";

    @Option(
            names = "--run",
            required = true,
            paramLabel = "RUN",
            description = "The training run; its next epoch begins.")
    private String run = "";

    @Option(
            names = "--step",
            required = true,
            paramLabel = "STEP",
            description = "The trainer's step; a run's steps grow.")
    private long step;

    @Parameters(paramLabel = "FILE", description = "A safetensors file, a sharded model's index, or its directory.")
    private Path file = Path.of("");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        Outcome outcome = publish();
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        out.println(json.json() ? Json.pretty(document(outcome)) : text(outcome));
        out.flush();
        if (outcome instanceof Outcome.Rejected rejected) {
            throw new WeirException(
                    "run " + run + " step " + step, "rejected: " + rejected.reason(), "", "no average has moved");
        }
        return ExitCode.DONE;
    }

    private Outcome publish() {
        Duration patience = client.timeoutGiven() ? client.timeout() : PATIENCE;
        try (SafetensorsFile weights = SafetensorsFile.open(file);
                Publisher publisher = Publisher.open(client.connection(), model, run, weights.layout(), patience)) {
            return publisher.publish(step, WeightSource.of(weights));
        } catch (SafetensorsException damaged) {
            throw new WeirException(
                    "checkpoint " + file,
                    String.valueOf(damaged.getMessage()),
                    "allowed: sound safetensors files",
                    "write it again",
                    damaged);
        }
    }

    private String text(Outcome outcome) {
        String head = "run " + run + " step " + step + ": ";
        return switch (outcome) {
            case Outcome.Accepted accepted ->
                head + "accepted as decision " + accepted.seq() + versions(accepted.versions());
            case Outcome.Duplicate duplicate -> head + duplicate.reason() + versions(duplicate.versions());
            case Outcome.Rejected rejected -> head + "rejected by decision " + rejected.seq();
        };
    }

    private static String versions(Map<String, Long> versions) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(versions)
                .forEach((channel, version) -> text.append(text.isEmpty() ? "; complete: " : ", ")
                        .append(channel)
                        .append(" version ")
                        .append(version));
        return text.toString();
    }

    private static ObjectNode document(Outcome outcome) {
        ObjectNode document = Json.object();
        return switch (outcome) {
            case Outcome.Accepted accepted ->
                document(document.put("outcome", "accepted"), accepted.seq(), accepted.versions());
            case Outcome.Duplicate duplicate ->
                document(document.put("outcome", "duplicate"), duplicate.seq(), duplicate.versions())
                        .put("reason", duplicate.reason());
            case Outcome.Rejected rejected ->
                document(document.put("outcome", "rejected"), rejected.seq(), Map.of())
                        .put("reason", rejected.reason());
        };
    }

    private static ObjectNode document(ObjectNode document, long seq, Map<String, Long> versions) {
        ObjectNode node = document.put("seq", seq).putObject("versions");
        new TreeMap<>(versions).forEach(node::put);
        return document;
    }
}
