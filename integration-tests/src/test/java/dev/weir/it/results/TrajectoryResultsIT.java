package dev.weir.it.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.results.TrajectoryResults.Curve;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page docs/operators/trajectory.md; {@code -Dweir.write-docs=true} writes it and draws its pictures. */
final class TrajectoryResultsIT {
    /** Numbers of snapshots, evenly spaced among 60 checkpoints. */
    private static final List<Integer> SNAPSHOTS = List.of(4, 10, 20);

    @TempDir
    private static Path dir;

    private static List<Curve> curves = List.of();
    private static List<Reconstruction> reconstructions = List.of();

    @BeforeAll
    static void measure() throws IOException {
        curves = TrajectoryResults.measure(dir);
        reconstructions = Reconstruction.all(dir, Trajectory.checkpoints(), Mnist.evaluation(), SNAPSHOTS);
    }

    @Test
    void thePageHasTheMeasuredNumbers() throws IOException {
        if (MeasuredPage.writing()) {
            TrajectoryPage.draw(curves);
        }
        MeasuredPage.assertUpToDate("trajectory.md", TrajectoryPage.of(curves, reconstructions));
        assertThat(List.of(MeasuredPage.picture("trajectory"), MeasuredPage.picture("trajectory-after")))
                .allSatisfy(picture -> assertThat(picture).isNotEmptyFile());
    }

    @ParameterizedTest
    @CsvSource({"raw,1", "ema decay=0.9,2", "ema decay=0.97,3", "swa from-step=420,4"})
    @DisplayName("A1, A4: accuracies at every step are those that were measured when the run was made")
    void accuraciesAreTheKnownOnes(String name, int column) {
        Curve curve = curve(name);
        for (JsonNode known : Trajectory.results().path("A").path("rows")) {
            Integer correct = curve.correct().get(known.get(0).asLong());
            if (known.get(column).isNull()) {
                assertThat(correct).isNull();
            } else {
                assertThat(Objects.requireNonNull(correct) / 3_000.0)
                        .isCloseTo(known.get(column).asDouble(), within(1e-6));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0.15,4,0.106", "0.15,10,0.033", "0.15,20,0.0090", "0.2,4,0.22", "0.2,10,0.078", "0.2,20,0.023"})
    @DisplayName("A7 post-hoc-ema: a width of a real run has the error of its number of snapshots, or of fewer")
    void aReconstructionHasTheErrorOfItsSnapshots(double sigmaRel, int snapshots, double error) {
        Reconstruction row = reconstruction(sigmaRel, snapshots);
        assertThat(row.profileError()).isLessThan(1.06 * error);
        assertThat(row.weightsError()).isLessThan(row.weightsBound());
    }

    @Test
    @DisplayName("A7 post-hoc-ema: a width that was tracked comes back as it is")
    void aTrackedWidthComesBack() {
        for (int snapshots : SNAPSHOTS) {
            Reconstruction row = reconstruction(0.1, snapshots);
            assertThat(row.profileError()).isLessThan(1e-9);
            assertThat(row.correct()).isEqualTo(row.trueCorrect());
        }
    }

    @Test
    void averagesBeatTheNewestCheckpoint() {
        for (String name :
                List.of("ema decay=0.9", "swa from-step=420", "lawa window=10", "post-hoc-ema sigma-rel=0.1")) {
            long above = curve(name).correct().entrySet().stream()
                    .filter(entry -> entry.getKey() > 600
                            && entry.getValue() > curve("raw").correct().getOrDefault(entry.getKey(), 0))
                    .count();
            assertThat(above).as("%s, of 30 steps", name).isGreaterThanOrEqualTo(25);
        }
    }

    private static Reconstruction reconstruction(double sigmaRel, int snapshots) {
        return reconstructions.stream()
                .filter(row -> row.sigmaRel() == sigmaRel && row.snapshots() == snapshots)
                .findFirst()
                .orElseThrow();
    }

    private static Curve curve(String name) {
        return curves.stream()
                .filter(curve -> curve.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
