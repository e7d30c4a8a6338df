package dev.weir.cli.verb;

import dev.weir.cli.option.ClientOptions;
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

    /** How long to wait for the answer. */
    Duration patience(ClientOptions client) {
        return client.timeoutGiven() ? client.timeout() : PATIENCE;
    }
}
