package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.clients.subscribe.ManifestJson;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.clients.subscribe.Switching;
import dev.weir.schemas.record.Manifest;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
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
            "pulled until the process is stopped, and --json prints one line each."
        },
        footer = {"", "Example:", "  weir pull --model mnist --channel ema-0.9 --out serving/mnist"})
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

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "A directory for this channel alone.")
    private Path out = Path.of("");

    @Option(names = "--follow", description = "Keep the directory at the newest version.")
    private boolean follow;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (follow && choice.versionGiven()) {
            throw new UsageException(
                    "pull",
                    "--follow and --version exclude each other",
                    "allowed: one of them",
                    "see weir pull --help");
        }
        try (Subscriber subscriber = Subscriber.open(client.connection(), choice.model())) {
            if (follow) {
                subscriber.follow(choice.channel(), out, this::report, () -> false);
            } else {
                Manifest manifest = choice.find(subscriber);
                subscriber.pull(manifest, out, choice.versionGiven() ? Switching.TO_THIS : Switching.FORWARD_ONLY);
                report(manifest);
            }
        }
        return ExitCode.DONE;
    }

    private void report(Manifest manifest) {
        PrintWriter to = Objects.requireNonNull(spec).commandLine().getOut();
        Path path = out.resolve(Subscriber.directoryOf(manifest));
        ObjectNode document = ManifestJson.tree(manifest).retain("model", "channel", "version", "digest");
        document.put("path", path.toString());
        if (!json.json()) {
            to.println("channel " + manifest.getChannel() + " version " + manifest.getVersion() + ": " + path);
        } else {
            to.println(follow ? Json.compact(document) : Json.pretty(document));
        }
        to.flush();
    }
}
