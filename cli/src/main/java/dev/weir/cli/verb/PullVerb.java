package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.clients.ClientException;
import dev.weir.clients.subscribe.ManifestJson;
import dev.weir.clients.subscribe.PromotedVersion;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.clients.subscribe.Switching;
import dev.weir.schemas.record.Manifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "pull",
        description = {
            "Brings a complete snapshot into DIR/vNNNNNN, every digest checked, and lets the link DIR/current name it.",
            "Without --version, current never goes back to an older version. With --follow, every newer version is",
            "pulled until the process is stopped, also across outages, and --json prints one line each. With --promoted instead of --channel,",
            "the baseline is pulled, after a rollback the one before again; NNNNNN is the number of its promotion then."
        },
        footer = {
            "",
            "Examples:",
            "  weir pull --model mnist --channel ema-0.9 --out serving/mnist",
            "  weir pull --model mnist --promoted --follow --out serving/mnist"
        })
final class PullVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Mixin
    private final SnapshotChoice choice = new SnapshotChoice();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "A directory for this channel (or these promotions) alone.")
    private Path out = Path.of("");

    @Option(names = "--follow", description = "Keep the directory at the newest version.")
    private boolean follow;

    @Option(names = "--promoted", description = "Pull the baseline in force, of whatever channel.")
    private boolean promoted;

    @Mixin
    private final AfterSwitch after = new AfterSwitch();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (promoted) {
            choice.refuseBeside("--promoted", "pull");
        } else {
            choice.requireChannel("pull");
        }
        if (follow && choice.versionGiven()) {
            throw SnapshotChoice.usage("pull", "--follow and --version exclude each other", "allowed: one of them");
        }
        after.check();
        try (Subscriber subscriber = Subscriber.open(client.connection(), choice.model())) {
            if (promoted && follow) {
                subscriber.followPromoted(out, this::report, this::outage, () -> false);
            } else if (promoted) {
                report(subscriber.pullPromoted(out));
            } else if (follow) {
                subscriber.follow(choice.channel(), out, this::report, this::outage, () -> false);
            } else {
                Manifest manifest = choice.find(subscriber);
                subscriber.pull(manifest, out, choice.versionGiven() ? Switching.TO_THIS : Switching.FORWARD_ONLY);
                report(manifest);
            }
        }
        return ExitCode.DONE;
    }

    private void report(Manifest manifest) {
        Path path = out.resolve(Subscriber.directoryOf(manifest));
        report(ManifestJson.tree(manifest), path, "");
    }

    private void report(PromotedVersion pulled) {
        Path path = out.resolve(pulled.path().getFileName());
        long number = pulled.promotion().getNumber();
        try {
            ObjectNode manifest = (ObjectNode) Json.parse(Files.readAllBytes(path.resolve("manifest.json")));
            report(manifest.put("promotion", number), path, ", baseline since verdict " + number);
        } catch (IOException e) {
            throw new WeirException("directory " + path, "cannot be read", "", "pull again", e);
        }
    }

    private void report(ObjectNode manifest, Path path, String since) {
        PrintWriter to = Objects.requireNonNull(spec).commandLine().getOut();
        ObjectNode document = manifest.retain("model", "channel", "version", "digest", "promotion");
        document.put("path", path.toString());
        if (!json.json()) {
            String name = "channel " + document.path("channel").asText() + " version "
                    + document.path("version").asLong();
            to.println(name + since + ": " + path);
        } else {
            to.println(follow ? Json.compact(document) : Json.pretty(document));
        }
        to.flush();
        Map<String, String> environment = new TreeMap<>();
        environment.put("WEIR_PATH", path.toAbsolutePath().normalize().toString());
        for (String name : List.of("model", "channel", "version", "promotion")) {
            if (document.has(name)) {
                environment.put(
                        "WEIR_" + name.toUpperCase(Locale.ROOT),
                        document.path(name).asText());
            }
        }
        after.done(out, environment, err());
    }

    private void outage(ClientException failure) {
        err().println("weir: " + failure.getMessage() + "; --follow waits and tries again");
        err().flush();
    }

    private PrintWriter err() {
        return Objects.requireNonNull(spec).commandLine().getErr();
    }
}
