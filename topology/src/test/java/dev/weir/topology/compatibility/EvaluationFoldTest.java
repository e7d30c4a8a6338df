package dev.weir.topology.compatibility;

import static dev.weir.topology.compatibility.EvaluationLog.row;
import static dev.weir.topology.compatibility.EvaluationLog.version;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.operators.flip.FlipCounter;
import dev.weir.operators.flip.FlipCounts;
import dev.weir.operators.flip.FlipReport;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Predictions;
import dev.weir.schemas.record.SideInput;
import dev.weir.schemas.record.Subject;
import dev.weir.topology.compatibility.EvaluationLog.Row;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What becomes of predictions: each outcome follows from the records before it and is counted by its reason. */
final class EvaluationFoldTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Subject OLD = version(1);
    private static final Subject NEW = version(2);

    private final EvaluationLog log = new EvaluationLog();

    /** Old is right on the first two of four, new on the first and the third. */
    private EvaluationLog baseline() {
        return log.promote(OLD).evaluate(OLD, row("a", 0, 0), row("b", 1, 1), row("c", 2, 0), row("d", 3, 0));
    }

    private static Row[] candidate() {
        return new Row[] {row("a", 0, 0), row("b", 1, 9), row("c", 2, 2), row("d", 3, 1)};
    }

    @Test
    void anEvaluationIsCompleteWhenAsManyExamplesCameAsItsEndSays() {
        baseline();
        log.predict(NEW, candidate());
        assertThat(log.comparison(NEW).getComplete()).isFalse();
        log.end(NEW, 4);
        assertThat(log.comparison(NEW).getComplete()).isTrue();
        assertThat(log.comparison(NEW))
                .extracting(
                        Compatibility::getExamples,
                        Compatibility::getBothRight,
                        Compatibility::getNegative,
                        Compatibility::getPositive,
                        Compatibility::getBothWrong)
                .containsExactly(4L, 1L, 1L, 1L, 1L);
        assertThat(log.counter("predictions")).isEqualTo(8);
        assertThat(log.counter("prediction-records")).isEqualTo(2);
        assertThat(log.counter("evaluations-ended")).isEqualTo(2);
        assertThat(log.dropped()).isEmpty();
    }

    @Test
    void anEndThatComesBeforeItsPredictionsCompletesWithTheLastOfThem() {
        baseline();
        Row[] rows = candidate();
        log.end(NEW, 4).predict(NEW, rows[0], rows[1]);
        assertThat(log.comparison(NEW).getComplete()).isFalse();
        log.predict(NEW, rows[2], rows[3]);
        assertThat(log.comparison(NEW).getComplete()).isTrue();
    }

    @Test
    void aCandidateOfASearchIsScoredOnceByItsLabelledExamples() {
        Subject candidate = new Subject("soup@candidates", 3L);
        Subject unlabelled = new Subject("soup@candidates", 4L);
        log.evaluate(NEW, row("a", 0, 0));
        log.predict(candidate, row("a", 0, 0), row("b", 1, 9), row("x", -1, 3), row("d", 3, 3), row("e", 4, 4));
        assertThat(log.scores()).isEmpty();
        log.end(candidate, 5).end(candidate, 5).evaluate(unlabelled, row("x", -1, 3));
        assertThat(log.scores())
                .containsExactly(new SideInput(1, "", 0L, "soup@candidates", 3L, "accuracy", 0.75, "compatibility"));
        assertThat(log.counter("no-labels")).isEqualTo(1);
    }

    @Test
    void moreThanTheEndSaysIsNeverComplete() {
        baseline();
        log.predict(NEW, candidate()).end(NEW, 3);
        assertThat(log.counter("more-than-announced")).isEqualTo(1);
        assertThat(log.comparison(NEW).getComplete()).isFalse();
        assertThat(log.dropped())
                .containsExactly("more-than-announced: channel raw version 2: 4 examples came, the end says 3");
    }

    @Test
    void aDuplicateIsCountedOnce() {
        baseline();
        log.predict(NEW, candidate()).predict(NEW, candidate()).end(NEW, 4);
        assertThat(log.counter("duplicates")).isEqualTo(4);
        assertThat(log.comparison(NEW).getDuplicates()).isEqualTo(4);
        assertThat(log.comparison(NEW).getExamples()).isEqualTo(4);
        assertThat(log.comparison(NEW).getComplete()).isTrue();
    }

    @Test
    void ofTwoClassesForOneExampleTheFirstStays() {
        baseline();
        log.predict(NEW, candidate()).predict(NEW, row("b", 1, 1)).end(NEW, 4);
        assertThat(log.counter("conflict")).isEqualTo(1);
        assertThat(log.comparison(NEW).getConflicts()).isEqualTo(1);
        assertThat(log.comparison(NEW).getNegative()).isEqualTo(1);
        assertThat(log.dropped())
                .containsExactly("conflict: channel raw version 2 example b: predicted 1 now, 9 before");
    }

    @Test
    void whatComesAfterCompletionIsLate() {
        baseline();
        log.evaluate(NEW, candidate());
        int said = log.said().size();
        log.predict(NEW, row("e", 0, 0)).end(NEW, 5);
        assertThat(log.counter("late")).isEqualTo(2);
        assertThat(log.said()).hasSize(said);
    }

    @Test
    void examplesOfOneSideOnlyAreMissingOrUnknown() {
        baseline();
        log.evaluate(NEW, row("a", 0, 0), row("x", 0, 0), row("y", 0, 1));
        assertThat(log.comparison(NEW))
                .extracting(Compatibility::getExamples, Compatibility::getMissing, Compatibility::getUnknown)
                .containsExactly(1L, 3L, 2L);
        assertThat(log.comparison(NEW).getComplete()).isTrue();
    }

    @Test
    void ofTwoEvaluatorsTheFirstCounts() {
        baseline();
        log.predict(NEW, row("a", 0, 0));
        log.predict(NEW, "another", List.of(candidate())).end(NEW, "another", 4);
        assertThat(log.counter("other-evaluator")).isEqualTo(2);
        assertThat(log.comparison(NEW).getComplete()).isFalse();
        assertThat(log.comparison(NEW).getExamples()).isEqualTo(1);
        log.predict(NEW, candidate()).end(NEW, 4);
        assertThat(log.comparison(NEW).getComplete()).isTrue();
    }

    @Test
    void whatIsDroppedClaimsNoVersion() {
        baseline();
        log.end(NEW, "stray", 0).predict(NEW, "stray", List.of(row("a", 0, -1))).predict(NEW, "stray", List.of());
        log.append(new Predictions(1, NEW, "stray", List.of("a"), List.of(), List.of(), List.of(), List.of(), 0));
        log.evaluate(NEW, candidate());
        assertThat(log.counter("other-evaluator")).isZero();
        assertThat(log.counter("uneven-arrays")).isEqualTo(1);
        assertThat(log.comparison(NEW).getComplete()).isTrue();
    }

    @Test
    void evaluationsThatAreNeverCompletedPushNoCompleteOneOutAndAreGivenUpThemselves() {
        log.evaluate(OLD, candidate());
        for (int i = 1; i <= Evaluations.KEPT + 1; i++) {
            log.predict(new Subject("begun", (long) i), row("a", 0, 0));
        }
        assertThat(log.counter("evaluations-forgotten")).isZero();
        assertThat(log.counter("evaluation-given-up")).isEqualTo(Evaluations.KEPT + 1 - Evaluations.BEGUN);
        assertThat(log.dropped())
                .first()
                .isEqualTo("evaluation-given-up: channel begun version 1: its evaluation was begun before 100 others"
                        + " and is not complete; hand it in again from the beginning");
        log.promote(OLD).evaluate(new Subject("begun", 1L), candidate());
        assertThat(log.comparison(new Subject("begun", 1L)).getComplete()).isTrue();
    }

    @Test
    void aClassBelowZeroIsDroppedAndTheRestOfItsRecordStays() {
        baseline();
        log.predict(NEW, row("a", 0, -1), row("b", -2, 1), row("c", 2, 2)).end(NEW, 1);
        assertThat(log.counter("bad-class")).isEqualTo(2);
        assertThat(log.comparison(NEW).getExamples()).isEqualTo(1);
        assertThat(log.comparison(NEW).getComplete()).isTrue();
    }

    @Test
    void unevenArraysAreDroppedAsAWhole() {
        baseline();
        List<String> ids = List.of("a", "b");
        List<Integer> two = List.of(1, 1);
        List<Integer> one = List.of(1);
        log.append(new Predictions(1, NEW, "nightly", ids, one, two, List.of(), List.of(), 0));
        log.append(new Predictions(1, NEW, "nightly", ids, two, one, List.of(), List.of(), 0));
        log.append(new Predictions(1, NEW, "nightly", ids, two, two, List.of("s"), List.of(), 0));
        assertThat(log.counter("uneven-arrays")).isEqualTo(3);
        assertThat(log.comparisons()).isEmpty();
    }

    @Test
    void aLabelThatContradictsTheKnownOneIsCountedAndTheFirstStays() {
        baseline();
        log.evaluate(NEW, row("a", 5, 0), row("b", 1, 1), row("c", 2, 2), row("d", 3, 3));
        assertThat(log.counter("label-conflict")).isEqualTo(1);
        assertThat(log.dropped()).containsExactly("label-conflict: example a: label 5, known as 0");
        assertThat(log.comparison(NEW).getBothRight()).isEqualTo(2);
    }

    @Test
    void aLabelThatComesWithADuplicateCountsFromThenOnAndAfterARestart() {
        log.promote(OLD).evaluate(OLD, row("a", -1, 0), row("b", -1, 0));
        log.predict(NEW, row("a", -1, 1), row("b", -1, 0));
        assertThat(log.comparison(NEW).getUnlabelled()).isEqualTo(2);
        log.predict(NEW, new Row("a", 0, 1, "night")).end(NEW, 2);
        assertThat(log.comparison(NEW))
                .extracting(Compatibility::getUnlabelled, Compatibility::getNegative)
                .containsExactly(1L, 1L);
        assertThat(log.comparison(NEW).getReport()).contains("night");
        assertThat(log.again(4).saidFrom(4)).isEqualTo(log.saidFrom(4));
    }

    @Test
    void whatIsNoRecordOfOursIsDroppedByReason() {
        baseline();
        int said = log.said().size();
        log.raw(new byte[] {1, 2, 3}).raw(new byte[0]).raw(null, new byte[] {0});
        log.append(new ModelKey(1, "m"));
        assertThat(log.counter("not-avro")).isPositive();
        assertThat(log.counter("null-key")).isEqualTo(1);
        assertThat(log.counter("foreign-record")).isEqualTo(1);
        assertThat(log.dropped()).hasSize(4);
        assertThat(log.said()).hasSize(said);
    }

    @Test
    void aPlanOrASearchThatIsNoneIsDroppedAndDoesNotStopTheFold() {
        log.plan("{model: m, channels: 7}");
        log.append(new dev.weir.schemas.record.SearchProposal(
                1, "bcwi", 1L, "raw", OLD, List.of(1L, 2L), List.of(0.5), 3L));
        log.append(new dev.weir.schemas.record.SearchProposal(1, "bcwi", 1L, "raw", OLD, List.of(), List.of(), 3L));
        assertThat(log.counter("bad-plan")).isEqualTo(1);
        assertThat(log.counter("bad-search")).isEqualTo(2);
        baseline();
        log.evaluate(NEW, candidate());
        assertThat(log.comparison(NEW).getComplete()).isTrue();
    }

    @Test
    void aRawCheckpointIsComparedButNotPromoted() {
        Subject raw = new Subject("", 17L);
        baseline();
        log.evaluate(raw, candidate()).promote(raw);
        assertThat(log.comparison(raw).getNegative()).isEqualTo(1);
        assertThat(log.verdicts()).containsExactly("1 PROMOTED raw 1 over 0", "2 REFUSED  17 over 1");
    }

    @Test
    void slicesAndClassesAreInTheReport() throws Exception {
        log.promote(OLD)
                .evaluate(OLD, new Row("a", 0, 0, "day"), new Row("b", 1, 1, "day;far"), row("c", 2, 2))
                .evaluate(NEW, new Row("a", 0, 1, "day"), new Row("b", 1, 1, "day;far"), row("c", 2, 2));
        FlipCounter flips = new FlipCounter();
        flips.add(OptionalInt.of(0), 0, 1, List.of("day"));
        flips.add(OptionalInt.of(1), 1, 1, List.of("day", "far"));
        flips.add(OptionalInt.of(2), 2, 2, List.of());
        JsonNode report = JSON.readTree(log.comparison(NEW).getReport());
        assertThat(report)
                .isEqualTo(JSON.readTree(
                        FlipJson.tree(FlipReport.of(flips.table(), 0.95)).toString()));
        assertThat(report.path("slices").findValuesAsText("slice")).containsExactly("day", "far");
        assertThat(report.path("classes").findValuesAsText("class")).containsExactly("0", "1", "2");
    }

    @Test
    void ofThousandsOfClassesAndSlicesThoseWithMostNegativeFlipsAreInTheReport() throws Exception {
        int many = 5_000;
        Row[] old = new Row[many + 2];
        Row[] fresh = new Row[many + 2];
        for (int i = 0; i < many; i++) {
            String slice = "slice-%04d-%s".formatted(i, "x".repeat(i == 4_001 ? 1 << 20 : 1_000));
            old[i] = new Row("e" + i, i, i, slice);
            fresh[i] = new Row("e" + i, i, i < 4_000 ? i : i + 1, slice);
        }
        for (int i = many; i < many + 2; i++) {
            old[i] = new Row("e" + i, 4_999, 4_999, "");
            fresh[i] = new Row("e" + i, 4_999, 0, "");
        }
        log.promote(OLD).evaluate(OLD, old).evaluate(NEW, fresh);
        Compatibility found = log.comparison(NEW);
        assertThat(found.getNegative()).isEqualTo(1_002);
        assertThat(found.getReport().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(1_700_000);
        JsonNode report = JSON.readTree(found.getReport());
        List<String> classes = report.path("classes").findValuesAsText("class");
        assertThat(classes).hasSize(500).startsWith("4000", "4001").endsWith("4498", "4999");
        List<String> slices = report.path("slices").findValuesAsText("slice");
        assertThat(slices)
                .as("one whose name alone is too long hides no other")
                .noneMatch(slice -> slice.startsWith("slice-4001"))
                .hasSizeGreaterThan(200);
        assertThat(slices.get(1)).startsWith("slice-4002");
        assertThat(report.path("omitted").path("classes").asInt()).isEqualTo(4_500);
        assertThat(report.path("omitted").path("slices").asInt()).isEqualTo(many - slices.size());
        assertThat(report.path("total").path("negativeFlips").asInt()).isEqualTo(1_002);
        assertThat(report.path("worstClass").asInt()).isEqualTo(4_000);
    }

    @Test
    void whateverTheOrderAndTheDuplicatesTheNumbersAreTheCountersOwn() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        Random random = new Random(seed);
        List<Row> old = new ArrayList<>();
        List<Row> fresh = new ArrayList<>();
        FlipCounter flips = new FlipCounter();
        for (int i = 0; i < 500; i++) {
            int label = random.nextInt(6) - 1;
            int before = random.nextInt(5);
            int after = random.nextInt(5);
            String slices = random.nextInt(3) == 0 ? "s" + random.nextInt(4) : "";
            old.add(new Row("e" + i, label, before, slices));
            fresh.add(new Row("e" + i, label, after, slices));
            flips.add(
                    label < 0 ? OptionalInt.empty() : OptionalInt.of(label),
                    before,
                    after,
                    slices.isEmpty() ? List.of() : List.of(slices));
        }
        log.promote(OLD);
        shuffled(OLD, old, random);
        shuffled(NEW, fresh, random);
        assertThat(log.comparison(NEW).getComplete()).as("seed %d", seed).isTrue();
        FlipCounts counts = flips.table().total().labelled();
        assertThat(log.comparison(NEW))
                .as("seed %d", seed)
                .extracting(
                        Compatibility::getBothRight,
                        Compatibility::getNegative,
                        Compatibility::getPositive,
                        Compatibility::getBothWrong,
                        Compatibility::getMissing,
                        Compatibility::getUnknown)
                .containsExactly(counts.bothRight(), counts.negative(), counts.positive(), counts.bothWrong(), 0L, 0L);
        assertThat(log.comparison(NEW).getReport())
                .as("seed %d", seed)
                .isEqualTo(FlipJson.tree(FlipReport.of(flips.table(), 0.95)).toString());
    }

    @Test
    void evaluationsThatComeAtTheSameTimeAreCountedAsIfEachWereFoldedAnew() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        Random random = new Random(seed);
        log.promote(OLD);
        for (int record = 0; record < 60; record++) {
            List<Row> rows = new ArrayList<>();
            for (int i = random.nextInt(8); i >= 0; i--) {
                int example = random.nextInt(40);
                // Labels and slices are said by some records only.
                rows.add(new Row(
                        "e" + example,
                        random.nextBoolean() ? example % 3 : -1,
                        random.nextInt(3),
                        random.nextInt(3) == 0 ? "s" + example % 2 : ""));
            }
            log.predict(version(1 + random.nextInt(4)), EvaluationLog.EVALUATOR, rows);
        }
        assertThat(log.comparisons()).as("seed %d", seed).hasSizeGreaterThan(20);
        for (int prefix = 0; prefix <= log.size(); prefix++) {
            assertThat(log.again(prefix).saidFrom(prefix))
                    .as("seed %d after %d records", seed, prefix)
                    .isEqualTo(log.saidFrom(prefix));
        }
    }

    /** Batches of any size in any order, some rows twice, and the end somewhere. */
    private void shuffled(Subject subject, List<Row> rows, Random random) {
        List<Row> more = new ArrayList<>(rows);
        for (int i = 0; i < rows.size() / 10; i++) {
            more.add(rows.get(random.nextInt(rows.size())));
        }
        Collections.shuffle(more, random);
        int ended = random.nextInt(more.size());
        for (int from = 0; from < more.size(); ) {
            int to = Math.min(more.size(), from + 1 + random.nextInt(40));
            log.predict(subject, EvaluationLog.EVALUATOR, more.subList(from, to));
            if (from <= ended && ended < to) {
                log.end(subject, rows.size());
            }
            from = to;
        }
    }
}
