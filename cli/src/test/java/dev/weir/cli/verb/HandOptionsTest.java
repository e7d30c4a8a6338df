package dev.weir.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.cli.WeirException;
import dev.weir.cli.option.ClientOptions;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionVerdict;
import dev.weir.schemas.record.Subject;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class HandOptionsTest {

    @Command
    private static final class Probe {
        @Mixin
        private final ClientOptions client = new ClientOptions();

        @Mixin
        private final HandOptions hand = new HandOptions();
    }

    private final StringWriter out = new StringWriter();

    private void finish(PromotionVerdict verdict, boolean json) {
        Probe probe = new Probe();
        new CommandLine(probe).parseArgs("--bootstrap", "127.0.0.1:1", "--timeout", "300ms");
        Promotion answer = new Promotion(
                1, 7L, verdict, new Subject("ema", 3L), new Subject("ema", 4L), "me", "so", "r", "{}", "{}");
        probe.hand.finish(answer, probe.client, "m", json, new PrintWriter(out, true));
    }

    @Test
    void aWaitThatFailsDoesNotHideThatTheBaselineHasMoved() {
        for (boolean json : new boolean[] {false, true}) {
            out.getBuffer().setLength(0);
            assertThatThrownBy(() -> finish(PromotionVerdict.ROLLED_BACK, json))
                    .isInstanceOf(WeirException.class)
                    .hasMessageStartingWith(
                            "model m: verdict 7 stands, the baseline HAS moved to channel ema version 3, but")
                    .hasMessageContaining("do not repeat the command");
            assertThat(out.toString()).contains(json ? "\"ROLLED_BACK\"" : "channel ema version 3: baseline since");
        }
    }

    @Test
    void aRefusalIsToldAtOnce() {
        assertThatThrownBy(() -> finish(PromotionVerdict.REFUSED, false))
                .hasMessageContaining("refused: so")
                .hasMessageContaining("the baseline has not moved");
    }
}
