package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.DurationConverter;
import dev.weir.cli.option.JsonOption;
import dev.weir.clients.promote.PromotionJson;
import dev.weir.clients.promote.Promotions;
import dev.weir.clients.subscribe.ManifestJson;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.schemas.record.ChannelStandings;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Subject;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "inspect",
        description = {
            "Shows a snapshot: its digest, its tensors, and every checkpoint in it with its effective weight.",
            "With --flips, how it compares with the baseline; with --promotions, the verdicts on all candidates; with",
            "--standings, how the newest evaluated versions of all channels stand against one another; with",
            "--dead-letters, the records that could not be used: why, where they lie, when they came, how they begin (hex)."
        },
        footer = {
            "",
            "Examples:",
            "  weir inspect --model mnist --channel ema-0.9 --version 60",
            "  weir inspect --model mnist --promotions",
            "  weir inspect --model mnist --standings",
            "  weir inspect --model mnist --dead-letters --since 12h"
        })
final class InspectVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Mixin
    private final SnapshotChoice choice = new SnapshotChoice();

    @Option(names = "--flips", description = "Show its newest comparison with a baseline.")
    private boolean flips;

    @Option(names = "--promotions", description = "Show every verdict of the model, the oldest first.")
    private boolean promotions;

    @Option(
            names = "--standings",
            description = "Rank the newest evaluated versions by how often each is right where another is wrong.")
    private boolean standings;

    @Option(names = "--dead-letters", description = "Show the records of the model that could not be used.")
    private boolean deadLetters;

    @Option(
            names = "--since",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "With --dead-letters: only those of so long ago or newer, such as 30m or 12h (default: all).")
    private @Nullable Duration since;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (promotions || standings || deadLetters) {
            String given = promotions ? "--promotions" : standings ? "--standings" : "--dead-letters";
            choice.refuseBeside(given, "inspect");
        } else {
            choice.requireChannel("inspect");
        }
        if (since != null && !deadLetters) {
            throw SnapshotChoice.usage("inspect", "--since is for --dead-letters", "allowed: both, or neither");
        }
        if (Stream.of(promotions, flips, standings, deadLetters)
                        .filter(given -> given)
                        .count()
                > 1) {
            throw SnapshotChoice.usage(
                    "inspect",
                    "--promotions, --flips, --standings and --dead-letters exclude each other",
                    "allowed: one of them");
        }
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (promotions) {
            try (Promotions verdicts = Promotions.open(client.connection(), choice.model())) {
                VerdictText.print(verdicts.all(), json.json(), out);
            }
        } else if (deadLetters) {
            long sinceMs = since == null ? 0 : System.currentTimeMillis() - since.toMillis();
            ArrayNode letters = DeadLetterList.read(client.connection(), choice.model(), sinceMs);
            if (json.json()) {
                out.println(Json.pretty(letters));
            } else {
                DeadLetterList.print(letters, out);
            }
        } else if (standings) {
            StandingsText.print(newestStandings(), json.json(), out);
        } else if (flips) {
            VerdictText.print(comparison(), json.json(), out);
        } else if (json.json()) {
            out.print(ManifestJson.write(manifest()));
        } else {
            print(ManifestJson.tree(manifest()), out);
        }
        out.flush();
        return ExitCode.DONE;
    }

    private Manifest manifest() {
        try (Subscriber subscriber = Subscriber.open(client.connection(), choice.model())) {
            return choice.find(subscriber);
        }
    }

    private ChannelStandings newestStandings() {
        try (Promotions verdicts = Promotions.open(client.connection(), choice.model())) {
            return verdicts.standings()
                    .orElseThrow(() -> new WeirException(
                            "model " + choice.model(),
                            "has no standings",
                            "allowed: a model of which two versions were evaluated",
                            "run `weir evaluate`"));
        }
    }

    private Compatibility comparison() {
        // A version that has been compared may have been retired since.
        long version = choice.versionGiven() ? choice.version() : manifest().getVersion();
        Subject candidate = new Subject(choice.channel(), version);
        try (Promotions verdicts = Promotions.open(client.connection(), choice.model())) {
            return verdicts.comparison(candidate)
                    .orElseThrow(() -> new WeirException(
                            PromotionJson.name(candidate),
                            "has not been compared with a baseline",
                            "allowed: a version that was evaluated, as a baseline was",
                            "run `weir evaluate`"));
        }
    }

    static void print(JsonNode manifest, PrintWriter out) {
        for (String field :
                new String[] {"model", "channel", "version", "seq", "run", "step", "digest", "layoutHash", "operator"
                }) {
            out.printf("%-12s %s%n", field, manifest.path(field).asText());
        }
        manifest.path("settings")
                .properties()
                .forEach(setting -> out.printf(
                        "%-12s %s: %s%n",
                        "setting", setting.getKey(), setting.getValue().asText()));
        manifest.path("provenance")
                .properties()
                .forEach(run -> run.getValue()
                        .properties()
                        .forEach(said -> out.printf(
                                "%-12s %s: %s: %s%n",
                                "provenance",
                                run.getKey(),
                                said.getKey(),
                                said.getValue().asText())));
        out.printf("%n%-12s %-20s %s%n", "DTYPE", "SHAPE", "TENSOR");
        for (JsonNode tensor : manifest.path("tensors")) {
            String name = tensor.path("name").asText();
            out.printf(
                    "%-12s %-20s %s%s%n",
                    tensor.path("dtype").asText(), tensor.path("shape"), name, skipped(manifest, name));
        }
        out.printf("%n%-12s %-24s %12s %-24s %s%n", "SEQ", "RUN", "STEP", "WEIGHT", "CHECKPOINT");
        for (JsonNode ingredient : manifest.path("ingredients")) {
            out.printf(
                    "%-12d %-24s %12d %-24s %s%n",
                    ingredient.path("seq").asLong(),
                    ingredient.path("run").asText(),
                    ingredient.path("step").asLong(),
                    ingredient.path("weight").asText(),
                    ingredient.path("checkpointDigest").asText());
        }
        if (manifest.path("omitted").asLong() > 0) {
            out.printf(
                    "and %d older ones, not listed, of weight %s together%n",
                    manifest.path("omitted").asLong(),
                    manifest.path("omittedWeight").asText());
        }
    }

    private static String skipped(JsonNode manifest, String name) {
        for (JsonNode skipped : manifest.path("skipped")) {
            if (skipped.asText().equals(name)) {
                return " (skipped)";
            }
        }
        return "";
    }
}
