package dev.weir.cli.verb;

import dev.weir.cli.WeirException;
import dev.weir.cli.baseline.PinWait;
import dev.weir.cli.option.ClientOptions;
import dev.weir.clients.ClientException;
import dev.weir.clients.promote.PromotionJson;
import dev.weir.schemas.record.Promotion;
import java.io.PrintWriter;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Of the verbs that move the baseline by hand. */
final class HandOptions {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "by hand",
            description = "Why; it is kept with the verdict (default: ${DEFAULT-VALUE}).")
    private String reason = "";

    String reason() {
        return reason;
    }

    String who() {
        return System.getProperty("user.name", "weir");
    }

    /**
     * Prints the answer, then waits until the baseline is pinned for channels that mix with it.
     *
     * @throws WeirException if it was refused, or if it is not pinned in time, which takes nothing back
     */
    void finish(Promotion answer, ClientOptions client, String model, boolean json, PrintWriter out) {
        VerdictText.answer(answer, model, json, out);
        try {
            PinWait.await(client.connection(), model, patience(client));
        } catch (WeirException | ClientException late) {
            throw new WeirException(
                    "model " + model,
                    "verdict " + answer.getNumber() + " stands, the baseline HAS moved to "
                            + PromotionJson.name(answer.getSubject()) + ", but what follows is not seen yet: "
                            + late.getMessage(),
                    "",
                    "do not repeat the command; see `weir inspect --model " + model + " --promotions`",
                    late);
        }
    }

    /** How long to wait for the answer, and then for the pin. */
    Duration patience(ClientOptions client) {
        return client.timeoutGiven() ? client.timeout() : PATIENCE;
    }
}
