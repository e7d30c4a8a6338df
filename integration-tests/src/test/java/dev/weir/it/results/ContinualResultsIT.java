package dev.weir.it.results;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The page docs/operators/continual.md; {@code -Dweir.write-docs=true} writes it and draws its picture. */
@DisplayName("A5 online-ensemble on a class-incremental stream")
final class ContinualResultsIT {
    private static final List<Double> DECAYS = List.of(0.9, 0.98, 0.99);
    private static final List<Long> SEEDS = List.of(11L, 12L, 13L);

    private static List<List<ContinualResults>> seeds = List.of();

    @BeforeAll
    static void measure() throws IOException {
        List<List<ContinualResults>> measured = new ArrayList<>();
        for (long seed : SEEDS) {
            measured.add(ContinualResults.measure(DECAYS, seed));
        }
        seeds = List.copyOf(measured);
    }

    @Test
    void thePageHasTheMeasuredNumbers() throws IOException {
        if (MeasuredPage.writing()) {
            List<ContinualResults> first = seeds.getFirst();
            ContinualPage.draw(List.of(first.get(0), first.get(1), first.get(3)));
        }
        MeasuredPage.assertUpToDate("continual.md", ContinualPage.of(seeds));
        assertThat(MeasuredPage.picture("continual")).isNotEmptyFile();
    }

    @Test
    void ensemblesAreSteadierOnEverySeed() {
        for (List<ContinualResults> results : seeds) {
            ContinualResults model = results.getFirst();
            assertThat(results.subList(1, results.size())).allSatisfy(ensemble -> {
                assertThat(ensemble.largestFall()).isLessThan(model.largestFall() / 2);
                assertThat(ensemble.worstCase()).isGreaterThan(model.worstCase());
            });
        }
    }

    @Test
    void theLongEnsembleForgetsLessAndEndsBetterOnEverySeed() {
        for (List<ContinualResults> results : seeds) {
            ContinualResults model = results.getFirst();
            ContinualResults longest = results.getLast();
            assertThat(longest.forgetting()).isLessThan(model.forgetting() / 2);
            assertThat(longest.last()).isGreaterThan(model.last() + 0.02);
        }
    }
}
