package dev.weir.topology.compatibility;

import static dev.weir.topology.compatibility.EvaluationLog.row;
import static dev.weir.topology.compatibility.EvaluationLog.version;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.Subject;
import dev.weir.topology.compatibility.EvaluationLog.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Baselines, searches and the gate over evaluations of twenty examples of one class. */
final class JudgeTest {
    private static final int EXAMPLES = 20;
    private static final String GATE = "{channels: [raw, bcwi], max-nfr: 0.4, confidence: 0.95, min-accuracy: 0.6}";

    private final EvaluationLog log = new EvaluationLog();

    private static Subject bcwi(long version) {
        return new Subject("bcwi", version);
    }

    /** Predictions that are wrong on some examples from one on. */
    private static Row[] wrong(int from, int to) {
        Row[] rows = new Row[EXAMPLES];
        for (int i = 0; i < EXAMPLES; i++) {
            rows[i] = row("e" + i, 0, i >= from && i < to ? 1 : 0);
        }
        return rows;
    }

    @Test
    void theBaselineMovesByRequestAndBack() {
        log.promote(version(1)).promote(version(2)).rollback().rollback().promote(version(3));
        assertThat(log.verdicts())
                .containsExactly(
                        "1 PROMOTED raw 1 over 0",
                        "2 PROMOTED raw 2 over 1",
                        "3 ROLLED_BACK raw 1 over 2",
                        "4 REFUSED raw 1 over 1",
                        "5 PROMOTED raw 3 over 1");
        assertThat(log.promotions()).extracting(Promotion::getRequest).containsExactly("r0", "r1", "r2", "r3", "r4");
        assertThat(log.promotions()).extracting(Promotion::getWho).containsOnly("me");
        assertThat(log.promotions()).extracting(Promotion::getReason).startsWith("so", "so", "back");
    }

    @Test
    void aRollbackFromAnotherBaselineThanTheOneInForceChangesNothing() {
        log.promote(version(1)).promote(version(2)).promote(version(3));
        log.rollback(version(3)).rollback(version(3)).rollback(version(2));
        assertThat(log.verdicts())
                .endsWith("4 ROLLED_BACK raw 2 over 3", "5 REFUSED raw 2 over 2", "6 ROLLED_BACK raw 1 over 2");
        assertThat(log.promotions().get(4).getReason())
                .isEqualTo("another baseline is in force than the one to go back from, channel raw version 3");
    }

    @Test
    void rawCheckpointsAndRollbacksBeforeTheFirstAreRefused() {
        log.rollback().promote(new Subject("", 4L)).promote(new Subject("raw", 0L));
        assertThat(log.promotions())
                .extracting(one -> one.getVerdict() + ": " + one.getReason())
                .containsExactly(
                        "REFUSED: there is no baseline before this one",
                        "REFUSED: only a version of a channel can be promoted",
                        "REFUSED: only a version of a channel can be promoted");
    }

    @Test
    void candidatesThatWaitForABaselineThatNobodyEvaluatesAreGivenUpTheOldestFirst() {
        log.gate(GATE).promote(version(1));
        for (int i = 0; i <= Judge.WAITING; i++) {
            log.evaluate(version(2 + i), wrong(0, 9));
        }
        assertThat(log.dropped())
                .containsExactly(
                        "candidate-given-up: channel raw version 2: was evaluated before 100 others, and channel raw"
                                + " version 1, the baseline, has no complete evaluation; hand in the baseline's, and promote"
                                + " this one by hand if it is wanted");

        log.evaluate(version(1), wrong(0, 0));

        assertThat(log.verdicts().stream().filter(verdict -> verdict.contains("HELD")))
                .hasSize(Judge.WAITING)
                .noneMatch(verdict -> verdict.contains("raw 2 "));
    }

    @Test
    void aNewBaselineIsComparedWithEverythingThatIsComplete() {
        log.evaluate(version(1), wrong(0, 4)).evaluate(version(2), wrong(2, 6)).predict(version(3), wrong(0, 1));
        assertThat(log.comparisons()).isEmpty();
        log.promote(version(1));
        assertThat(log.comparisons()).hasSize(1);
        assertThat(log.comparison(version(2)).getNegative()).isEqualTo(2);
    }

    @Test
    void aBaselineThatIsEvaluatedAfterItsPromotionIsComparedWithEverythingThatIsComplete() {
        log.evaluate(version(2), wrong(2, 6)).promote(version(1));
        assertThat(log.comparisons()).isEmpty();
        log.evaluate(version(1), wrong(0, 4));
        assertThat(log.comparison(version(2)))
                .extracting(Compatibility::getComplete, Compatibility::getNegative)
                .containsExactly(true, 2L);
    }

    @Test
    void theGatePromotesWithinTheBudget() throws Exception {
        log.gate(GATE).promote(version(1)).evaluate(version(1), wrong(0, 4));
        log.evaluate(version(2), wrong(3, 5));
        assertThat(log.verdicts()).containsExactly("1 PROMOTED raw 1 over 0", "2 PROMOTED raw 2 over 1");
        Promotion verdict = log.promotions().get(1);
        assertThat(verdict.getWho()).isEqualTo("gate");
        JsonNode counts = new ObjectMapper().readTree(verdict.getEvidence()).path("counts");
        assertThat(counts.path("negativeFlips").asInt()).isEqualTo(1);
        assertThat(counts.path("positiveFlips").asInt()).isEqualTo(3);
        assertThat(new ObjectMapper().readTree(verdict.getRule()).path("maxNfr").asDouble())
                .isEqualTo(0.4);
        log.rollback();
        assertThat(log.verdicts()).last().isEqualTo("3 ROLLED_BACK raw 1 over 2");
    }

    @Test
    void theGateHoldsWhatMayFlipTooMuch() {
        log.gate(GATE).promote(version(1)).evaluate(version(1), wrong(0, 4));
        log.evaluate(version(2), wrong(4, 9));
        assertThat(log.verdicts()).last().isEqualTo("2 HELD raw 2 over 1");
        assertThat(log.promotions().get(1).getReason()).contains("above max-nfr 0.4");
    }

    @Test
    void theGateHoldsWhatIsBelowTheAccuracyFloor() {
        log.gate(GATE).promote(version(1)).evaluate(version(1), wrong(0, 9));
        log.evaluate(version(2), wrong(0, 9));
        assertThat(log.promotions().get(1))
                .extracting(one -> one.getVerdict() + ": " + one.getReason())
                .isEqualTo("HELD: accuracy 0.5500 is below min-accuracy 0.6");
    }

    @Test
    void theGateHoldsWithoutABaselineOrWithoutACommonExample() {
        log.gate(GATE).evaluate(version(2), wrong(0, 1));
        assertThat(log.promotions().get(0).getReason()).isEqualTo("there is no baseline");
        log.promote(version(1)).evaluate(version(1), row("x", 0, 0));
        log.evaluate(version(3), wrong(0, 1));
        assertThat(log.promotions())
                .last()
                .extracting(one -> one.getVerdict() + ": " + one.getReason())
                .isEqualTo("HELD: no labelled example is common to both evaluations");
    }

    @Test
    void theGateLeavesOtherChannelsAndPlansWithoutAGateAlone() {
        log.promote(version(1)).evaluate(version(1), wrong(0, 4)).evaluate(version(2), wrong(0, 0));
        log.gate(GATE.replace("[raw, bcwi]", "[bcwi]")).evaluate(version(3), wrong(0, 0));
        assertThat(log.verdicts()).containsExactly("1 PROMOTED raw 1 over 0");
    }

    @Test
    void aCandidateWithoutACompleteEvaluationIsNeverPromoted() {
        log.gate(GATE).promote(version(1)).evaluate(version(1), wrong(0, 4));
        log.predict(version(2), wrong(0, 0));
        log.predict(version(3), wrong(0, 0)).end(version(3), EXAMPLES + 1);
        log.predict(version(4), wrong(0, 0)).end(version(4), EXAMPLES - 1);
        log.evaluate(version(5), wrong(0, 9));
        assertThat(log.verdicts()).containsExactly("1 PROMOTED raw 1 over 0", "2 HELD raw 5 over 1");
    }

    @Test
    void candidatesThatWereEarlierThanTheBaselinesEvaluationAreJudgedWhenItIsComplete() {
        log.gate(GATE).promote(version(1)).predict(version(1), wrong(0, 4));
        log.evaluate(version(2), wrong(4, 9)).evaluate(version(3), wrong(0, 3));
        assertThat(log.verdicts()).containsExactly("1 PROMOTED raw 1 over 0");
        assertThat(log.comparison(version(3)).getComplete()).isFalse();
        log.end(version(1), EXAMPLES);
        assertThat(log.verdicts())
                .containsExactly("1 PROMOTED raw 1 over 0", "2 HELD raw 2 over 1", "3 PROMOTED raw 3 over 1");
        assertThat(log.comparison(version(2)).getComplete()).isTrue();
    }

    /** Rungs with 0, 1, 2 and 3 negative flips and 17, 17, 18 and 17 right answers. */
    private EvaluationLog rungs() {
        log.evaluate(bcwi(11), wrong(0, 3)).evaluate(bcwi(12), wrong(1, 4));
        return log.evaluate(bcwi(13), wrong(3, 5)).evaluate(bcwi(14), wrong(3, 6));
    }

    @Test
    void promotingWhatIsInServiceMovesNothingAndCandidatesGoOnWaiting() {
        log.gate(GATE).promote(version(1)).evaluate(version(2), wrong(0, 4));
        log.promote(version(1));
        assertThat(log.verdicts()).last().isEqualTo("2 PROMOTED raw 1 over 1");
        log.evaluate(version(1), wrong(0, 4));
        assertThat(log.verdicts()).last().isEqualTo("3 PROMOTED raw 2 over 1");
        log.rollback().rollback();
        assertThat(log.verdicts()).last().isEqualTo("5 REFUSED raw 1 over 1");
    }

    @Test
    void aRollbackFindsTheEvaluationOfTheBaselineBeforeHoweverManyCameSince() {
        log.gate(GATE).promote(version(1)).evaluate(version(1), wrong(0, 4));
        log.promote(version(2)).evaluate(version(2), wrong(0, 4));
        others(Evaluations.KEPT + 10);
        log.rollback().evaluate(version(3), wrong(0, 4));
        assertThat(log.verdicts()).last().isEqualTo("4 PROMOTED raw 3 over 1");
    }

    @Test
    void aBaselineWhoseEvaluationWasForgottenIsEvaluatedAgainAndTheGateGoesOn() {
        log.gate(GATE).evaluate(version(1), wrong(0, 4));
        others(Evaluations.KEPT + 10);
        log.promote(version(1)).evaluate(version(3), wrong(0, 4));
        assertThat(log.verdicts()).last().isEqualTo("2 PROMOTED raw 1 over 0");
        log.evaluate(version(1), wrong(0, 4));
        assertThat(log.counter("late")).isZero();
        assertThat(log.verdicts()).last().isEqualTo("3 PROMOTED raw 3 over 1");
    }

    @Test
    void whatASearchWaitsForIsNotGivenUpAndCrowdsNoOtherOut() {
        long[] rungs = java.util.stream.LongStream.rangeClosed(1, Evaluations.BEGUN + 10)
                .toArray();
        log.promote(version(1)).search(version(1), 1, rungs);
        for (long rung : rungs) {
            log.predict(bcwi(rung), row("e0", 0, 0));
        }
        log.predict(version(2), row("e0", 0, 0)).evaluate(version(1), row("e0", 0, 0));
        assertThat(log.counter("evaluation-given-up")).isZero();
    }

    /** Evaluations of versions that the gate does not watch. */
    private void others(int count) {
        for (int i = 1; i <= count; i++) {
            log.evaluate(new Subject("other", (long) i), row("e0", 0, 0));
        }
    }

    @Test
    void theLargestWeightWithinTheBudgetIsChosen() throws Exception {
        log.gate(GATE).promote(version(1)).evaluate(version(1), wrong(0, 3));
        log.search(version(1), 1, 11, 12, 13, 14);
        rungs();
        assertThat(log.verdicts())
                .containsExactly("1 PROMOTED raw 1 over 0", "2 SELECTED bcwi 12 over 1", "3 PROMOTED bcwi 12 over 1");
        JsonNode rungs = new ObjectMapper()
                .readTree(log.promotions().get(1).getEvidence())
                .path("rungs");
        assertThat(rungs.findValuesAsText("negativeFlips")).containsExactly("0", "1", "2", "3");
        assertThat(rungs.findValuesAsText("right")).containsExactly("17", "17", "18", "17");
    }

    @Test
    void withoutABudgetTheSmallestWeightThatKeepsTheNewModelsAccuracyIsChosen() {
        log.promote(version(1)).evaluate(version(1), wrong(0, 3)).search(version(1), -1, 11, 12, 14, 13);
        rungs();
        assertThat(log.verdicts()).containsExactly("1 PROMOTED raw 1 over 0", "2 SELECTED bcwi 13 over 1");
        log.search(version(1), -1, 12, 14, 11);
        assertThat(log.verdicts()).last().isEqualTo("3 SELECTED bcwi 12 over 1");
    }

    @Test
    void theSmallestWeightIsChosenWhenNoneKeepsTheBudget() {
        log.promote(version(1)).evaluate(version(1), wrong(0, 3)).search(version(1), 0, 13, 14);
        rungs();
        assertThat(log.verdicts()).last().isEqualTo("2 SELECTED bcwi 13 over 1");
    }

    @Test
    void aSearchWaitsForItsLastRungAndForItsBaseline() {
        log.promote(version(1)).search(version(1), 3, 11, 12, 13, 14);
        rungs();
        assertThat(log.verdicts()).hasSize(1);
        log.evaluate(version(1), wrong(0, 3));
        assertThat(log.verdicts()).containsExactly("1 PROMOTED raw 1 over 0", "2 SELECTED bcwi 14 over 1");
        log.search(version(1), 3, 11, 15);
        assertThat(log.verdicts()).hasSize(2);
        log.evaluate(bcwi(15), wrong(0, 0));
        assertThat(log.verdicts()).last().isEqualTo("3 SELECTED bcwi 15 over 1");
    }

    @Test
    void aSearchIsDecidedOnItsOwnEvidenceThoughAnotherBaselineWasPromotedMeanwhile() {
        log.promote(version(1)).evaluate(version(1), wrong(0, 3)).search(version(1), 1, 11, 12, 13, 14);
        log.promote(version(2));
        rungs();
        assertThat(log.verdicts()).last().isEqualTo("3 SELECTED bcwi 12 over 1");
    }

    @Test
    void anotherBaselineForgetsNoSearch() {
        log.promote(version(1)).search(version(1), 1, 11, 12, 13, 14);
        rungs();
        log.promote(version(2)).evaluate(version(1), wrong(0, 3));
        assertThat(log.verdicts()).last().isEqualTo("3 SELECTED bcwi 12 over 1");
    }

    @Test
    void foldingAgainFromAnyPrefixSaysTheSame() {
        log.gate(GATE).predict(version(1), wrong(0, 3)).promote(version(1));
        log.evaluate(version(7), wrong(2, 3)).end(version(1), EXAMPLES);
        log.search(version(7), 1, 11, 12, 13, 14).search(version(7), -1, 12, 13, 14);
        for (Row row : wrong(1, 4)) {
            log.predict(bcwi(12), row, row);
        }
        log.predict(bcwi(13), wrong(3, 5)).predict(bcwi(13), wrong(5, 6)).end(bcwi(13), EXAMPLES);
        log.raw(new byte[] {9}).end(bcwi(12), EXAMPLES).rollback();
        log.evaluate(bcwi(14), wrong(3, 6)).promote(version(8)).evaluate(bcwi(11), wrong(0, 3));
        log.evaluate(version(9), wrong(0, 0)).evaluate(version(8), wrong(6, 7)).promote(version(9));
        log.evaluate(version(10), wrong(0, 9));
        for (int i = 0; i < 8; i++) {
            log.rollback();
        }
        assertThat(log.promotions()).extracting(Promotion::getVerdict).hasSizeGreaterThan(10);
        List<String> kinds = log.promotions().stream()
                .map(one -> one.getVerdict().name())
                .distinct()
                .toList();
        assertThat(kinds).containsExactlyInAnyOrder("PROMOTED", "HELD", "REFUSED", "ROLLED_BACK", "SELECTED");
        for (int prefix = 0; prefix <= log.size(); prefix++) {
            EvaluationLog again = log.again(prefix);
            assertThat(again.said()).as("after %d records", prefix).isEqualTo(log.saidFrom(prefix));
            assertThat(again.counters()).isEqualTo(log.counters());
        }
    }
}
