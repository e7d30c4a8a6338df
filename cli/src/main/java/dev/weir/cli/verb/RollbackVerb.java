package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.clients.promote.Promotions;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.Subject;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "rollback",
        description = {
            "Makes the baseline before the one in force the baseline again; subscribers of --promoted go back to it.",
            "Exits with 1 and says why if that is refused. --timeout limits the wait (default: 1 minute). With --from a",
            "rollback that is repeated by mistake goes no baseline further back."
        },
        footer = {
            "",
            "Examples:",
            "  weir rollback --model mnist --reason \"fails on the night shift\"",
            "  weir rollback --model mnist --from ema-0.9:60"
        })
final class RollbackVerb implements Callable<Integer> {

    private static final Pattern FROM = Pattern.compile("(.+):([1-9][0-9]{0,17})");

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--model", required = true, paramLabel = "MODEL", description = "A model that has a baseline.")
    private String model = "";

    @Option(
            names = "--from",
            paramLabel = "CHANNEL:VERSION",
            description =
                    "The baseline that is expected to be in force; refused, without any change, if another one is.")
    private @Nullable String from;

    @Mixin
    private final HandOptions hand = new HandOptions();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        Subject expected = from == null ? null : subject(from);
        Promotion answer;
        try (Promotions promotions = Promotions.open(client.connection(), model)) {
            answer = expected == null
                    ? promotions.rollback(hand.who(), hand.reason(), hand.patience(client))
                    : promotions.rollback(expected, hand.who(), hand.reason(), hand.patience(client));
        }
        hand.finish(
                answer,
                client,
                model,
                json.json(),
                Objects.requireNonNull(spec).commandLine().getOut());
        return ExitCode.DONE;
    }

    private static Subject subject(String text) {
        Matcher matcher = FROM.matcher(text);
        if (!matcher.matches()) {
            throw SnapshotChoice.usage("rollback", "--from is " + text, "allowed: CHANNEL:VERSION, such as ema-0.9:60");
        }
        return new Subject(matcher.group(1), Long.parseLong(matcher.group(2)));
    }
}
