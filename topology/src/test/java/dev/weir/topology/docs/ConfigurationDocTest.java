package dev.weir.topology.docs;

import static dev.weir.topology.docs.GeneratedPage.code;
import static dev.weir.topology.docs.GeneratedPage.row;

import dev.weir.topology.config.ConfigKey;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class ConfigurationDocTest {

    @Test
    void thePageNamesEveryKey() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Configuration of `weir run`

                Generated from `ConfigKey` by `ConfigurationDocTest`. `weir run --config FILE` takes one YAML mapping of these
                keys; the variable beside each overrides the file. Unknown keys are refused, a key without a value is as good as
                absent. Everything is read once, at start: a change needs a restart. `weir run --config FILE --print-config`
                prints what is in force, secrets masked, in addresses too.

                Warnings go to stderr, of Kafka errors and which broker does not answer; a healthy start prints nothing
                there. `WEIR_JVM_OPTIONS=-Dweir.log=LEVEL` before the command sets one level for all: `off`, `error`, `warn`,
                `info`, `debug` or `trace`. [How to run Weir on a Kafka of your own](own-kafka.md).

                """);
        page.append(row("key", "variable", "default", "allowed", "what")).append("|---|---|---|---|---|\n");
        for (ConfigKey key : ConfigKey.values()) {
            String byDefault = key.byDefault();
            page.append(row(
                    code(key.key()),
                    code(key.variable()),
                    byDefault == null ? "must be given" : byDefault.isEmpty() ? "empty" : code(byDefault),
                    key.allowed(),
                    key.doc()));
        }
        page.append(
                row("`client`", "", "empty", "a mapping", "further settings of Kafka's clients, such as SASL and TLS"));
        GeneratedPage.assertUpToDate("configuration.md", page.toString());
    }
}
