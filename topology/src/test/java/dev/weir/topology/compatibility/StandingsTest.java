package dev.weir.topology.compatibility;

import static dev.weir.topology.compatibility.EvaluationLog.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.choice.BradleyTerry;
import dev.weir.schemas.record.ChannelStandings;
import dev.weir.schemas.record.Subject;
import dev.weir.topology.compatibility.EvaluationLog.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** D4, D6 and D7 as the compatibility application keeps them. */
final class StandingsTest {
    private static final Subject EMA = new Subject("ema", 3L);
    private static final Subject RAW = new Subject("raw", 5L);
    private static final Subject SWA = new Subject("swa", 2L);

    private final EvaluationLog log = new EvaluationLog();

    @Test
    void winsAndAgreementsAreCountedOverTheExamplesThatAllHave() {
        log.evaluate(RAW, row("a", 0, 0), row("b", 1, 0), row("c", 2, 2), row("d", 3, 1));
        assertThat(log.standings()).isEmpty();
        log.evaluate(EMA, row("a", 0, 0), row("b", 1, 1), row("c", 2, 0), row("d", 3, 1), row("e", 0, 0));
        ChannelStandings found = newest();
        assertThat(found.getSubjects()).containsExactly(EMA, RAW);
        assertThat(found.getBaseline().getVersion()).isZero();
        assertThat(found.getExamples()).isEqualTo(4);
        assertThat(found.getRight()).containsExactly(2L, 2L);
        assertThat(found.getWins()).containsExactly(0L, 1L, 1L, 0L);
        assertThat(found.getAlike()).containsExactly(4L, 2L, 2L, 4L);
        assertThat(found.getStrengths().getFirst())
                .isEqualTo(found.getStrengths().get(1));
        assertThat(found.getCalibrated()).containsExactly(0L, 0L);
        assertThat(found.getCalibrationErrors()).containsExactly(Double.NaN, Double.NaN);
    }

    @Test
    void examplesWithoutALabelAndWhatASearchTriesStayOut() {
        log.evaluate(RAW, row("a", 0, 0), row("x", -1, 7)).evaluate(EMA, row("a", 0, 1), row("x", -1, 7));
        assertThat(newest().getExamples()).isEqualTo(1);
        log.evaluate(new Subject("soup@candidates", 1L), row("a", 0, 0));
        assertThat(log.standings()).hasSize(1);
    }

    @Test
    void theNewestVersionOfAChannelIsComparedAndTheBaselineBesidesIt() {
        log.evaluate(new Subject("ema", 2L), row("a", 0, 0)).evaluate(RAW, row("a", 0, 1));
        log.evaluate(EMA, row("a", 0, 1)).evaluate(new Subject("ema", 1L), row("a", 0, 0));
        assertThat(newest().getSubjects()).containsExactly(EMA, RAW);
        log.promote(new Subject("ema", 1L));
        assertThat(newest().getSubjects()).containsExactly(new Subject("ema", 1L), EMA, RAW);
        assertThat(newest().getBaseline()).isEqualTo(new Subject("ema", 1L));
    }

    @Test
    void ofMoreThan16ChannelsThoseEvaluatedLastAreCompared() {
        for (int channel = 0; channel < 18; channel++) {
            log.evaluate(new Subject("c" + (char) ('a' + channel), 1L), row("a", 0, 0));
        }
        assertThat(newest().getSubjects()).hasSize(Contest.CHANNELS);
        assertThat(newest().getSubjects().getFirst().getChannel()).isEqualTo("cc");
        assertThat(newest().getOmitted()).isEqualTo(2);
    }

    @Test
    void strengthsAreThoseOfBradleyAndTerryWithHalfAWinOfEachOverEach() {
        Random random = new Random(19);
        List<List<Row>> rows = List.of(predictions(random, 0.9), predictions(random, 0.8), predictions(random, 0.6));
        List<Subject> subjects = List.of(EMA, RAW, SWA);
        for (int k = 0; k < 3; k++) {
            log.evaluate(subjects.get(k), rows.get(k).toArray(Row[]::new));
        }
        double[][] wins = new double[3][3];
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                for (int e = 0; i != j && e < 500; e++) {
                    Row one = rows.get(i).get(e);
                    Row other = rows.get(j).get(e);
                    wins[i][j] += one.predicted() == one.label() && other.predicted() != other.label() ? 1 : 0;
                }
                wins[i][j] += i == j ? 0 : 0.5;
            }
        }
        double[] expected = BradleyTerry.of(Map.of("prior", "false")).fit(wins).scores();
        assertThat(newest().getStrengths()).containsExactly(expected[0], expected[1], expected[2]);
        assertThat(expected[0]).isGreaterThan(expected[1]);
        assertThat(newest().getWeights()).hasSize(3);
        assertThat(newest().getWeights().stream().mapToDouble(w -> w).sum()).isCloseTo(1, within(1e-12));
    }

    @Test
    void weightsAreThoseOfTheVotesThatErrLeast() {
        // ema is right on 3 of 4, raw on the fourth alone: w ema + (1 - w) raw errs by 6 (1 - w)^2 + 2 w^2, least at
        // 3/4.
        log.evaluate(EMA, row("a", 0, 0), row("b", 0, 0), row("c", 0, 0), row("d", 0, 1));
        log.evaluate(RAW, row("a", 0, 1), row("b", 0, 1), row("c", 0, 1), row("d", 0, 0));
        assertThat(newest().getWeights().getFirst()).isCloseTo(0.75, within(1e-9));
        log.evaluate(new Subject("twin", 1L), row("a", 0, 1), row("b", 0, 1), row("c", 0, 1), row("d", 0, 0));
        assertThat(newest().getWeights().get(1)).isEqualTo(newest().getWeights().get(2));
    }

    @Test
    void examplesThatOnlyEarlierEvaluationsHadChangeNothing() {
        Random random = new Random(29);
        List<Row> before = new ArrayList<>();
        for (int example = 0; example < 1_500; example++) {
            before.add(row("old" + example, 0, 0));
        }
        log.evaluate(new Subject("ema", 1L), before.toArray(Row[]::new));
        log.evaluate(EMA, predictions(random, 0.9).toArray(Row[]::new));
        log.evaluate(RAW, predictions(random, 0.8).toArray(Row[]::new));
        assertThat(newest().getExamples()).isEqualTo(500);
    }

    /** A million examples: two models that never lose against two others, by which the scale between the pairs has no end. */
    @Test
    void winsThatAreTooUnevenForStrengthsGiveNone() {
        long part = 250_000;
        long[][] wins = {{0, part, 2 * part, 2 * part}, {part, 0, 2 * part, 2 * part}, {0, 0, 0, part}, {0, 0, part, 0}
        };
        assertThat(Contest.strengths(wins)).containsOnly(Double.NaN);
        assertThat(Contest.strengths(new long[][] {{0, 2 * part}, {part, 0}})[0])
                .isPositive();
    }

    @Test
    void aSearchWhoseRungsWereEvaluatedBeforeItSaysTheStandingsOfTheNewBaseline() {
        log.gate("{channels: [bcwi], max-nfr: 1}").promote(RAW).evaluate(RAW, row("a", 0, 0));
        Subject chosen = new Subject("bcwi", 2L);
        log.evaluate(new Subject("bcwi", 1L), row("a", 0, 1)).evaluate(chosen, row("a", 0, 0));
        log.rollback().promote(RAW);
        log.search(RAW, 0, 1, 2);
        assertThat(newest().getBaseline()).isEqualTo(log.promotions().getLast().getSubject());
    }

    @Test
    void evaluationsWithNothingInCommonHaveEqualStrengthsAndNoWeights() {
        log.evaluate(EMA, row("a", 0, 0)).evaluate(RAW, row("b", 0, 0));
        assertThat(newest().getExamples()).isZero();
        assertThat(newest().getStrengths()).containsExactly(0.0, 0.0);
        assertThat(newest().getWeights()).isEmpty();
    }

    @Test
    void confidenceIsHeldAgainstBeingRight() {
        List<Row> rows = List.of(row("a", 1, 1), row("b", 0, 1), row("c", 1, 1), row("d", 0, 0));
        log.evaluate(RAW, row("a", 1, 1)).evaluate(EMA, rows, List.of(0.75f, 0.75f, 0.75f, 0.25f));
        assertThat(newest().getCalibrated()).containsExactly(4L, 0L);
        assertThat(newest().getCalibrationErrors().getFirst()).isZero();
        assertThat(newest().getLosses().getFirst())
                .isCloseTo(-(3 * Math.log(0.75) + Math.log(0.25)) / 4, within(1e-12));
        assertThat(newest().getScaledLosses().getFirst()).isPositive();
        log.evaluate(SWA, rows, List.of(1f, 1f, 1f, 0f));
        assertThat(newest().getCalibrationErrors().get(2)).isEqualTo(0.25);
    }

    @Test
    void probabilitiesThatDoNotFitAreReportedAndThePredictionsCount() {
        List<Row> rows = List.of(row("a", 1, 1), row("b", 0, 2), row("c", 1, 1));
        log.evaluate(RAW, row("a", 1, 1)).evaluate(EMA, rows, List.of(0.75f, 0.75f, Float.NaN));
        assertThat(newest().getExamples()).isEqualTo(1);
        assertThat(newest().getCalibrated()).containsExactly(1L, 0L);
        log.evaluate(SWA, rows, List.of(0.5f));
        assertThat(newest().getCalibrated()).containsExactly(1L, 0L, 0L);
        assertThat(log.counter("bad-probabilities")).isEqualTo(3);
        assertThat(log.dropped())
                .contains(
                        "bad-probabilities: channel ema version 3 example b: NaN for class 2; allowed: 0 to 1",
                        "bad-probabilities: channel swa version 2: 2 probabilities of 2 classes for 3 examples;"
                                + " allowed: one a class and example, or none");
    }

    @Test
    void aFoldThatRestoredSilentlySaysTheSame() {
        Random random = new Random(23);
        List<Row> rows = predictions(random, 0.7);
        List<Float> confidences = IntStream.range(0, rows.size())
                .mapToObj(i -> random.nextFloat())
                .toList();
        log.evaluate(EMA, rows, confidences)
                .evaluate(RAW, predictions(random, 0.8).toArray(Row[]::new));
        log.evaluate(SWA, predictions(random, 0.5).toArray(Row[]::new));
        EvaluationLog again = log.again(log.size() - 1);
        assertThat(again.standings()).containsExactly(newest());
    }

    @Test
    void theGateHoldsWhatIsTooSureOfItself() {
        log.gate("{channels: [bcwi], max-nfr: 1, max-ece: 0.2}").promote(RAW).evaluate(RAW, row("a", 1, 1));
        List<Row> rows = List.of(row("a", 1, 1), row("b", 0, 1), row("c", 1, 1), row("d", 0, 0));
        log.evaluate(new Subject("bcwi", 1L), rows, List.of(1f, 1f, 1f, 0f));
        log.evaluate(new Subject("bcwi", 2L), rows.toArray(Row[]::new));
        log.evaluate(new Subject("bcwi", 3L), rows, List.of(0.75f, 0.75f, 0.75f, 0.25f));
        assertThat(log.promotions())
                .extracting(one -> one.getVerdict() + ": " + one.getReason())
                .contains(
                        "HELD: expected calibration error 0.2500 is above max-ece 0.2",
                        "HELD: 0 predictions came with probabilities and behind their labels; max-ece needs those of all 1");
        assertThat(log.verdicts().getLast()).isEqualTo("4 PROMOTED bcwi 3 over 5");
        assertThat(log.promotions().getLast().getRule()).contains("\"maxEce\":0.2");
    }

    private ChannelStandings newest() {
        return log.standings().getLast();
    }

    /** 500 examples of three classes in random order, of which so large a share is predicted rightly. */
    private static List<Row> predictions(Random random, double share) {
        List<Row> rows = new ArrayList<>();
        for (int example = 0; example < 500; example++) {
            int label = example % 3;
            rows.add(row("e" + example, label, random.nextDouble() < share ? label : (label + 1) % 3));
        }
        return rows;
    }
}
