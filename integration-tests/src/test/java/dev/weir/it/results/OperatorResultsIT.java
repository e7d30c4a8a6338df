package dev.weir.it.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.it.fixture.Gradients;
import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.fixture.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of docs/operators/results.md; {@code -Dweir.write-docs=true} writes it. */
final class OperatorResultsIT {

    private static final Path PAGE = Path.of(System.getProperty("weir.root", ".."), "docs", "operators", "results.md");

    @TempDir
    private static Path dir;

    private static List<Row> rows = List.of();
    private static List<Tradeoff> tradeoffs = List.of();
    private static List<FisherResults> fishers = List.of();

    @BeforeAll
    static void measure() throws IOException {
        rows = OperatorResults.measure(dir);
        tradeoffs = Tradeoff.measure(dir);
        fishers = FisherResults.measure(dir);
    }

    @Test
    void thePageHasTheMeasuredRows() throws IOException {
        String page = ResultsPage.of(rows, tradeoffs, fishers);
        if (MeasuredPage.writing()) {
            Files.writeString(PAGE, page);
            ResultsPage.draw(tradeoffs);
        }
        assertThat(ResultsPage.measured(Files.readString(PAGE)))
                .as("docs/operators/results.md is measured; write it with: make operator-results")
                .isEqualTo(ResultsPage.measured(page));
        assertThat(MeasuredPage.picture("tradeoff")).isNotEmptyFile();
    }

    @Test
    void modelsAndSoupScoreAsWhenTheyWereTrained() {
        JsonNode known = Trajectory.results().path("B");
        assertThat(row("none", "`old`").accuracy())
                .isCloseTo(known.path("old_acc").asDouble(), within(1e-6));
        assertThat(row("none", "`run0`").accuracy())
                .isCloseTo(known.path("run_acc").get(0).asDouble(), within(1e-6));
        assertThat(row("uniform-soup", "8 runs").accuracy())
                .isCloseTo(known.path("uniform_soup_acc").asDouble(), within(1e-6));
    }

    @Test
    void interpolationsHaveTheKnownAccuraciesAndFlips() {
        for (String weight : List.of("0.2", "0.4", "0.6", "0.8")) {
            JsonNode known = known("bcwi_run0", weight);
            Row row = row("bcwi", "`old`, `run0`, new-weight=" + weight);
            assertThat(row.accuracy()).isCloseTo(known.get(1).asDouble(), within(1e-6));
            assertThat(row.negativeFlips()).isEqualTo(known.get(3).asInt());
            assertThat(row.positiveFlips()).isEqualTo(known.get(4).asInt());
            Row soup = row("soup-bcwi", "`old`, 8 runs, new-weight=" + weight);
            assertThat(soup.accuracy())
                    .isCloseTo(known("soup_bcwi", weight).get(1).asDouble(), within(1e-6));
        }
        assertThat(row("bcwi", "`old`, `run0`, new-weight=0.6").correct()).isEqualTo(2_793);
        assertThat(row("bcwi", "`old`, `run0`, new-weight=0.6").negativeFlips()).isEqualTo(15);
    }

    @Test
    void empiricalFishersAreThoseOfTheTrainingFramework() throws IOException {
        Weights ours = Gradients.empiricalFisher(Trajectory.update("old"), Mnist.training(500));
        Weights theirs = Trajectory.update("fisher_old");
        for (int t = 0; t < ours.tensors().size(); t++) {
            float largest = 0;
            for (float value : theirs.tensors().get(t)) {
                largest = Math.max(largest, value);
            }
            assertThat(ours.tensors().get(t)).containsExactly(theirs.tensors().get(t), within(1e-4f * largest));
        }
    }

    @Test
    @DisplayName("B10 fisher: the steadier the Fishers, the more models count and the better the merge")
    void steadierFishersMergeBetter() {
        for (int i = 1; i < fishers.size(); i++) {
            FisherResults fewer = fishers.get(i - 1);
            FisherResults more = fishers.get(i);
            if (more.kind().equals(fewer.kind())) {
                assertThat(more.effectiveModels()).isGreaterThan(fewer.effectiveModels());
            }
        }
        assertThat(fishers.getFirst().row().correct())
                .as("empirical, of few digits")
                .isLessThan(row("fisher", "8 runs").correct() - 30);
        assertThat(row("fisher", "8 runs").accuracy())
                .isCloseTo(row("uniform-soup", "8 runs").accuracy(), within(0.005));
    }

    @Test
    void matchedUnitsCanBeAveragedAndShuffledOnesCannot() {
        String shuffled = "`run0`, `run1` to `run3` with shuffled units";
        double plain = row("uniform-soup", "`run0` to `run3`").accuracy();
        assertThat(row("weight-matching", shuffled).accuracy()).isCloseTo(plain, within(0.002));
        assertThat(row("uniform-soup", shuffled).accuracy()).isLessThan(plain - 0.02);
    }

    private static Row row(String operator, String what) {
        return rows.stream()
                .filter(row -> row.operator().equals(operator) && row.what().equals(what))
                .findFirst()
                .orElseThrow();
    }

    private static JsonNode known(String table, String weight) {
        return StreamSupport.stream(Trajectory.results().path("B").path(table).spliterator(), false)
                .filter(row -> Math.abs(row.get(0).asDouble() - Double.parseDouble(weight)) < 1e-9)
                .findFirst()
                .orElseThrow();
    }
}
