package dev.weir.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.Json;
import dev.weir.clients.publish.Outcome;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OutcomeTextTest {

    private static final Outcome PASSED_BY = new Outcome.Accepted(
            7,
            Map.of("swa", 3L, "ema", 4L),
            Map.of("kalman", "input-missing: loss did not come within 60000 ms", "soup", "mask-differs: tensor w"));

    @Test
    void channelsThatACheckpointPassedByAreNamedWithTheReason() {
        assertThat(OutcomeText.of(PASSED_BY))
                .isEqualTo("accepted as decision 7; complete: ema version 4, swa version 3; passed by: kalman"
                        + " (input-missing: loss did not come within 60000 ms), soup (mask-differs: tensor w)");
        assertThat(OutcomeText.document(PASSED_BY).path("passedBy").path("soup").asText())
                .isEqualTo("mask-differs: tensor w");
    }

    @Test
    void withoutAnyNothingIsSaidAndTheDocumentHasNone() {
        Outcome plain = new Outcome.Accepted(7, Map.of("ema", 4L), Map.of());
        assertThat(OutcomeText.of(plain)).isEqualTo("accepted as decision 7; complete: ema version 4");
        assertThat(Json.compact(OutcomeText.document(plain)))
                .isEqualTo("{\"outcome\":\"accepted\",\"seq\":7,\"versions\":{\"ema\":4},\"passedBy\":{}}");
    }
}
