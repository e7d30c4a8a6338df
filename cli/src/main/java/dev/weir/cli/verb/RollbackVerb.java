package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.baseline.PinWait;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.clients.promote.Promotions;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionVerdict;
import java.util.Objects;
import java.util.concurrent.Callable;
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
            "Exits with 1 and says why if that is refused. --timeout limits the wait (default: 1 minute)."
        },
        footer = {"", "Example:", "  weir rollback --model mnist --reason \"fails on the night shift\""})
final class RollbackVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--model", required = true, paramLabel = "MODEL", description = "A model that has a baseline.")
    private String model = "";

    @Mixin
    private final HandOptions hand = new HandOptions();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        Promotion answer;
        try (Promotions promotions = Promotions.open(client.connection(), model)) {
            answer = promotions.rollback(hand.who(), hand.reason(), hand.patience(client));
        }
        if (answer.getVerdict() != PromotionVerdict.REFUSED) {
            PinWait.await(client.connection(), model, hand.patience(client));
        }
        VerdictText.answer(
                answer,
                model,
                json.json(),
                Objects.requireNonNull(spec).commandLine().getOut());
        return ExitCode.DONE;
    }
}
