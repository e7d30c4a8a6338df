package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.UsageException;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.clients.promote.Promotions;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.Subject;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "promote",
        description = {
            "Makes a version the baseline: `pull --promoted` serves it, and candidates are held against it.",
            "Exits with 1 and says why if that is refused. --timeout limits the wait (default: 1 minute)."
        },
        footer = {
            "",
            "Example:",
            "  weir promote --model mnist --channel ema-0.9 --version 60 --reason \"first release\""
        })
final class PromoteVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--model", required = true, paramLabel = "MODEL", description = "A model that has a plan.")
    private String model = "";

    @Option(names = "--channel", paramLabel = "CHANNEL", description = "A channel of its plan.")
    private @Nullable String channel;

    @Option(names = "--version", paramLabel = "VERSION", description = "Which version of it.")
    private @Nullable Long version;

    @Mixin
    private final HandOptions hand = new HandOptions();

    @Option(names = "--run", hidden = true)
    private @Nullable String run;

    @Option(names = "--step", hidden = true)
    private @Nullable Long step;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (run != null || step != null) {
            throw new UsageException(
                    "promote",
                    "a raw checkpoint cannot be promoted, there is no snapshot of it to serve",
                    "allowed: a version of a channel; one with operator `ema` and `decay: 0` serves every checkpoint",
                    "see weir promote --help");
        }
        if (channel == null || version == null) {
            String missing = channel == null ? "--channel" : "--version";
            throw SnapshotChoice.usage(
                    "promote", "option " + missing + " is missing", "allowed: --channel with --version");
        }
        Subject subject = new Subject(channel, version);
        try (Subscriber subscriber = Subscriber.open(client.connection(), model)) {
            if (subscriber.version(channel, version).isEmpty()) {
                throw SnapshotChoice.missing(subscriber, model, channel, version);
            }
        }
        Promotion answer;
        try (Promotions promotions = Promotions.open(client.connection(), model)) {
            answer = promotions.promote(subject, hand.who(), hand.reason(), hand.patience(client));
        }
        hand.finish(
                answer,
                client,
                model,
                json.json(),
                Objects.requireNonNull(spec).commandLine().getOut());
        return ExitCode.DONE;
    }
}
