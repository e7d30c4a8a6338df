package dev.weir.topology.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Combination;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.Manifest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A greedy soup of three models, scored over the acknowledgements. */
final class SearchBookTest {
    private static final String PLAN = """
            {model: m, channels: [
              {name: soup, operator: greedy-soup-search, settings: {models: 3, score: accuracy}},
              {name: ema, operator: ema, settings: {decay: 0.5}}]}""";
    private static final String LIMITED = PLAN.replace("{model: m,", "{model: m, score-wait-ms: 5000,");
    private static final String CANDIDATES = "soup@candidates";

    private final Acks acks = new Acks();

    @Test
    void theLastModelNamesTheFirstCandidatesAndCheckpointsPassByWhileTheyAreScored() {
        full(acks);
        assertThat(acks.decisions().get(0).getUpdates().get(0))
                .isEqualTo(new ChannelUpdate("soup", List.of(0.0), 0L, 0L, List.of()));
        assertThat(acks.combinations()).extracting(Combination::getSeq).containsExactly(5L, 6L, 7L);
        assertThat(acks.combinations())
                .extracting(Combination::getUpdate)
                .containsExactly(
                        new ChannelUpdate(CANDIDATES, List.of(1.0, 0.0, 0.0), 1L, 0L, List.of()),
                        new ChannelUpdate(CANDIDATES, List.of(0.0, 1.0, 0.0), 2L, 0L, List.of()),
                        new ChannelUpdate(CANDIDATES, List.of(0.0, 0.0, 1.0), 3L, 0L, List.of()));
        acks.complete("r", 1, 40, 4);
        assertThat(acks.newest().getSeq()).isEqualTo(8);
        assertThat(acks.newest().getPassedBy())
                .containsExactlyEntriesOf(Map.of("soup", "search-running: its models are being scored"));
    }

    @Test
    void scoresInAnyOrderAndRestartsInBetweenGiveTheSameChoice() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            Acks shuffled = full(new Acks());
            List<Integer> order = new ArrayList<>(List.of(1, 2, 3));
            Collections.shuffle(order, random);
            for (int version : order) {
                if (random.nextBoolean()) {
                    shuffled.restart();
                }
                shuffled.score(CANDIDATES, version, "accuracy", version == 2 ? 0.9 : 0.8);
            }
            assertThat(coefficients(shuffled, 3)).as("seed %d", seed).containsExactly(0.5, 0.5, 0.0);
            shuffled.restart().score(CANDIDATES, 4, "accuracy", 0.95);
            assertThat(coefficients(shuffled, 4)).containsExactly(1 / 3.0, 1 / 3.0, 1 / 3.0);
            shuffled.score(CANDIDATES, 5, "accuracy", 0.94);
            Combination chosen = shuffled.combinations().getLast();
            assertThat(chosen)
                    .isEqualTo(new Combination(
                            1,
                            10L,
                            "soup",
                            chosen.getLayoutHash(),
                            new ChannelUpdate("soup", List.of(0.5, 0.5, 0.0), 1L, 0L, List.of()),
                            5,
                            true,
                            "2 of 3 models",
                            List.of()));
            assertThat(shuffled.dropped()).isEmpty();
        }
    }

    @Test
    void afterTheChoiceTheNextModelsAreTakenAndTheCandidatesCountOn() {
        full(acks);
        for (int version = 1; version <= 5; version++) {
            acks.score(CANDIDATES, version, "accuracy", 0.5);
        }
        acks.complete("r", 1, 40, 4).complete("r", 1, 50, 5).complete("r", 1, 60, 6);
        assertThat(acks.decisions())
                .extracting(Decision::getSeq)
                .as("decisions and combinations share their numbers")
                .containsExactly(2L, 3L, 4L, 11L, 12L, 13L);
        assertThat(acks.combinations().getLast().getUpdate().getVersion()).isEqualTo(8);
        acks.score(CANDIDATES, 1, "accuracy", 0.5);
        assertThat(acks.dropped()).containsExactly("input-late");
    }

    @Test
    void whatNobodyAskedForIsCounted() {
        full(acks)
                .score(CANDIDATES, 1, "loss", 1)
                .score("soup", 1, "accuracy", 1)
                .score("ema@candidates", 1, "accuracy", 1)
                .score(CANDIDATES, 9, "accuracy", 1)
                .score(CANDIDATES, 1, "accuracy", 1)
                .score(CANDIDATES, 1, "accuracy", 1)
                .score(CANDIDATES, 1, "accuracy", 0.5);
        assertThat(acks.dropped())
                .containsExactly(
                        "input-foreign",
                        "input-foreign",
                        "input-foreign",
                        "input-late",
                        "input-duplicate",
                        "input-conflict");
    }

    @Test
    void theStatusSaysHowFarASearchIs() {
        assertThat(full(acks).score(CANDIDATES, 2, "accuracy", 1).underWay())
                .containsExactlyEntriesOf(Map.of("soup", new CoordinateStatus.Search(3, 1, 0)));
        acks.score(CANDIDATES, 1, "accuracy", 0).score(CANDIDATES, 3, "accuracy", 0);
        acks.score(CANDIDATES, 4, "accuracy", 0).score(CANDIDATES, 5, "accuracy", 0);
        assertThat(acks.underWay()).isEmpty();
    }

    @Test
    void aSearchGoesOnWithoutTheScoresThatDidNotComeInTime() {
        full(acks.at(1_000).propose(LIMITED));
        acks.score(CANDIDATES, 2, "accuracy", 0.9).score(CANDIDATES, 3, "accuracy", 0.8);
        acks.expire(5_999);
        assertThat(acks.combinations()).hasSize(3);
        acks.expire(6_000).expire(6_001);
        assertThat(acks.combinations()).hasSize(4);
        assertThat(acks.combinations().getLast().getUnscored()).containsExactly(0);
        assertThat(coefficients(acks, 3)).containsExactly(0.0, 0.5, 0.5);
        assertThat(acks.underWay()).containsExactlyEntriesOf(Map.of("soup", new CoordinateStatus.Search(4, 2, 1)));

        acks.score(CANDIDATES, 1, "accuracy", 1);
        assertThat(acks.dropped()).containsExactly("input-late");

        acks.restart(8_000).expire(11_000);
        assertThat(acks.combinations())
                .as("no score is given up for time before this process")
                .hasSize(4);
        acks.restart().expire(11_000);
        Combination chosen = acks.combinations().getLast();
        assertThat(chosen.getChosen()).isTrue();
        assertThat(chosen.getUnscored()).containsExactly(3);
        assertThat(chosen.getUpdate()).isEqualTo(new ChannelUpdate("soup", List.of(0.0, 1.0, 0.0), 1L, 0L, List.of()));
        assertThat(chosen.getReason()).isEqualTo("1 of 3 models, 2 without a score");
        assertThat(acks.underWay()).isEmpty();
        acks.expire(99_000);
        assertThat(acks.combinations()).hasSize(5);
    }

    @Test
    void aSearchThatNobodyScoresChoosesWhatItBeginsWithAndTheNextOneBegins() {
        full(acks.propose(LIMITED)).expire(5_000);
        Combination chosen = acks.combinations().getLast();
        assertThat(chosen.getUnscored()).containsExactly(0, 1, 2);
        assertThat(chosen.getUpdate().getCoefficients()).containsExactly(1.0, 0.0, 0.0);
        assertThat(chosen.getReason()).isEqualTo("1 of 3 models, 3 without a score");
        acks.complete("r", 1, 40, 4).complete("r", 1, 50, 5).complete("r", 1, 60, 6);
        assertThat(acks.combinations()).hasSize(7);
    }

    @Test
    void withoutALimitASearchWaitsUntilAPlanSetsOne() {
        full(acks).expire(1_000_000_000);
        assertThat(acks.combinations()).hasSize(3);
        acks.propose(LIMITED).expire(1_000_000_001);
        assertThat(acks.combinations()).hasSize(4);
    }

    @Test
    void oldCandidatesGoButNoneThatWaitsForItsScore() {
        full(acks.propose(PLAN.replace("accuracy}}", "accuracy}, retain: 2}")));
        for (int version = 1; version <= 5; version++) {
            acks.score(CANDIDATES, version, "accuracy", 0.5);
        }
        assertThat(acks.combinations())
                .extracting(combination -> combination.getUpdate().getRetire())
                .containsExactly(0L, 0L, 0L, 1L, 2L, 0L);
        assertThat(acks.retired()).containsExactly(1L, 2L);
    }

    @Test
    void aPlanThatChangesTheSearchEndsIt() {
        full(acks).propose(PLAN.replace("models: 3", "models: 2"));
        acks.score(CANDIDATES, 1, "accuracy", 1);
        assertThat(acks.dropped()).containsExactly("input-late");
        acks.complete("r", 1, 40, 4).complete("r", 1, 50, 5);
        assertThat(acks.combinations()).hasSize(5);
        assertThat(acks.combinations().getLast().getUpdate().getCoefficients()).containsExactly(0.0, 1.0);
    }

    @Test
    void theManifestOfACombinationNamesTheModelsAndTheirCoefficients() {
        full(acks);
        for (int version = 1; version <= 5; version++) {
            acks.score(CANDIDATES, version, "accuracy", version == 2 || version == 4 ? 0.9 + version / 100.0 : 0.5);
        }
        acks.applied(0, 10, "soup", 1).applied(1, 10, "soup", 1).sealed(10, "soup", 1);
        Manifest soup = acks.manifests().getLast();
        assertThat(soup.getIngredients()).extracting(Ingredient::getStep).containsExactly(10L, 20L, 30L);
        assertThat(soup.getIngredients()).extracting(Ingredient::getWeight).containsExactly(0.5, 0.5, 0.0);
        assertThat(soup.getOmitted()).isZero();
        assertThat(soup.getOmittedWeight()).isZero();
        assertThat(soup.getOperator()).isEqualTo("greedy-soup-search");
        assertThat(soup.getStep()).isEqualTo(30);
    }

    @Test
    void aCandidateThatIsSealedAfterTwoMorePlansNamesItsModels() {
        full(acks)
                .propose(PLAN.replace("models: 3", "models: 2"))
                .propose(PLAN)
                .propose(PLAN.replace("models: 3", "models: 4"));
        acks.restart().applied(0, 5, CANDIDATES, 1).applied(1, 5, CANDIDATES, 1).sealed(5, CANDIDATES, 1);
        assertThat(acks.manifests().getLast().getIngredients())
                .extracting(Ingredient::getWeight)
                .containsExactly(1.0, 0.0, 0.0);
    }

    @Test
    void aManifestWhoseModelsAreGoneNamesNone() {
        full(acks);
        acks.forgetLineage()
                .applied(0, 5, CANDIDATES, 1)
                .applied(1, 5, CANDIDATES, 1)
                .sealed(5, CANDIDATES, 1);
        assertThat(acks.manifests().getLast().getIngredients()).isEmpty();
        assertThat(acks.manifests().getLast().getOmittedWeight()).isEqualTo(1);
    }

    /** Three checkpoints in; decisions 2, 3 and 4. */
    private static Acks full(Acks acks) {
        return (acks.plans().isEmpty() ? acks.propose(PLAN) : acks)
                .opened("r", 1)
                .complete("r", 1, 10, 1)
                .complete("r", 1, 20, 2)
                .complete("r", 1, 30, 3);
    }

    private static List<Double> coefficients(Acks acks, int number) {
        return acks.combinations().get(number).getUpdate().getCoefficients();
    }
}
