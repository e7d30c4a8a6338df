package dev.weir.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.clients.evaluate.PredictionRow;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class EvaluateVerbTest {

    @Test
    void rowsThatNameAClusterAreCountedOnTheirWay() {
        PredictionRow alone = new PredictionRow("a", OptionalInt.of(1), 1, List.of(), new float[0]);
        PredictionRow clustered =
                new PredictionRow("b", OptionalInt.of(1), 1, List.of(), new float[0], Optional.of("document 7"));
        AtomicLong count = new AtomicLong();
        Iterator<PredictionRow> rows =
                EvaluateVerb.counting(List.of(alone, clustered, clustered).iterator(), count);
        assertThat(rows).toIterable().containsExactly(alone, clustered, clustered);
        assertThat(count).hasValue(2);
    }
}
