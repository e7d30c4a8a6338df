package dev.weir.topology.coordinate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.record.Verdict;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Two partitions, their acknowledgements in any order, and what the coordinator decides. */
final class CoordinatorTest {
    private static final String EMA = "{model: m, channels: [{name: ema, operator: ema, settings: {decay: 0.5}}]}";
    private static final String STOCK = "{model: m, channels: [{name: stock, operator: model-stock}]}";

    private final Acks acks = new Acks();

    @Test
    void aCheckpointIsAcceptedOnceEveryPartitionHoldsIt() {
        acks.propose(EMA).opened("r", 1).staged(0, "r", 1, 10, 7);
        assertThat(acks.decisions()).isEmpty();
        acks.staged(1, "r", 1, 10, 7);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.COMMIT);
        assertThat(acks.newest().getSeq()).isEqualTo(2);
        assertThat(acks.newest().getUpdates())
                .extracting(ChannelUpdate::getVersion)
                .containsExactly(1L);
    }

    @Test
    void whatNeedsSumsOverTensorsWaitsUntilEveryPartitionHasThemOfTheNewestState() {
        acks.propose(STOCK).opened("r", 1).complete("r", 1, 10, 7);
        assertThat(acks.newest().getUpdates().getFirst().getCoefficients())
                .as("the base needs none")
                .containsExactly(0.0);
        acks.opened("s", 1).complete("r", 1, 20, 8).complete("s", 1, 5, 9);
        acks.reduced(0, "r", 20, 2, 25.0, 0.0).reduced(1, "r", 20, 1);
        assertThat(acks.decisions()).as("partition 1 had not folded the base").hasSize(1);
        acks.reduced(0, "s", 5, 2, 25.0, 0.0).restart().reduced(1, "r", 20, 2);
        assertThat(acks.newest().getStep()).isEqualTo(20);
        // |d| = 5, and a single model is taken as it is.
        assertThat(acks.newest().getUpdates().getFirst().getCoefficients()).containsExactly(1.0, 5.0, 1.0);
        acks.reduced(1, "s", 5, 2);
        assertThat(acks.decisions()).as("s was reduced before r entered").hasSize(2);
        acks.reduced(1, "s", 5, 3).reduced(0, "s", 5, 3, 25.0, 5.0);
        // d . u = 5 at |d| = 5: the same direction, cosine 1.
        assertThat(acks.newest().getUpdates().getFirst().getCoefficients()).containsExactly(2.0, 5.0, 1.0);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.COMMIT);
    }

    @Test
    void oneFailureRejectsAndTheOtherPartitionsComeTooLate() {
        acks.propose(EMA).opened("r", 1).failed(1, "r", 1, 10, "conflict: x").staged(0, "r", 1, 10, 7);
        assertThat(acks.decisions()).hasSize(1);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.REJECT);
        assertThat(acks.newest().getReason()).isEqualTo("conflict: x");
        acks.expire(1_000_000);
        assertThat(acks.decisions()).as("nothing is left to give up").hasSize(1);
    }

    @Test
    void theSameStepWithTheSameContentIsADuplicateThatNamesItsVersions() {
        acks.propose(EMA).opened("r", 1).complete("r", 1, 10, 7).opened("r", 2).complete("r", 2, 10, 7);
        Decision duplicate = acks.newest();
        assertThat(duplicate.getVerdict()).isEqualTo(Verdict.REJECT);
        assertThat(duplicate.getReason()).isEqualTo("duplicate: accepted before as decision 2");
        assertThat(duplicate.getUpdates())
                .containsExactly(new ChannelUpdate("ema", java.util.List.of(), 1L, 0L, java.util.List.of()));
    }

    @Test
    void theSameStepWithOtherContentIsAConflict() {
        acks.propose(EMA).opened("r", 1).complete("r", 1, 10, 7).opened("r", 2).complete("r", 2, 10, 8);
        assertThat(acks.newest().getReason())
                .startsWith("conflict: step 10 of run r was accepted before with other weights");
    }

    @Test
    void stepsOfARunGrow() {
        acks.propose(EMA).opened("r", 1).complete("r", 1, 10, 7).opened("r", 2).complete("r", 2, 5, 8);
        assertThat(acks.newest().getReason()).startsWith("stale-step: run r is at step 10");
    }

    @Test
    void anotherLayoutIsRejectedByTensor() {
        acks.propose(EMA)
                .opened("r", 1)
                .complete("r", 1, 10, 7)
                .openedOther("s", 1)
                .completeOther("s", 1, 10, 8);
        assertThat(acks.newest().getReason()).isEqualTo("layout: tensor w has shape [3], the model has [2]");
    }

    @Test
    void aLayoutThatIsAnnouncedAfterTheNextEpochElsewhereIsTheModelsIfACheckpointHasIt() {
        acks.propose(EMA).openedBy(1, "r", 1).staged(1, "r", 1, 10, 7).openedOtherBy(1, "r", 2);
        acks.openedBy(0, "r", 1).staged(0, "r", 1, 10, 7).openedOtherBy(0, "r", 2);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.COMMIT);
        acks.completeOther("r", 2, 20, 8);
        assertThat(acks.newest().getReason()).isEqualTo("layout: tensor w has shape [3], the model has [2]");
    }

    @Test
    void whatIsNotCompleteInTimeIsGivenUpByRecord() {
        acks.propose(EMA).opened("r", 1).at(1_000).staged(0, "r", 1, 10, 7).expire(10_999);
        assertThat(acks.decisions()).isEmpty();
        acks.expire(11_000);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.ABORT);
        assertThat(acks.newest().getReason()).isEqualTo("timeout: partitions [1] never ended it within 10000 ms");
    }

    @Test
    void aNewEpochEndsWhatTheOldOneLeftOpenOnceEveryPartitionHasSeenIt() {
        acks.propose(EMA).opened("r", 1).staged(0, "r", 1, 10, 7).openedBy(0, "r", 2);
        assertThat(acks.decisions()).isEmpty();
        acks.openedBy(1, "r", 2);
        assertThat(acks.newest().getReason()).startsWith("superseded: epoch 2 opened before partitions [1]");
    }

    @Test
    void decisionNumbersHaveNoGaps() {
        acks.propose(EMA)
                .opened("r", 1)
                .complete("r", 1, 10, 7)
                .failed(0, "r", 1, 20, "x: y")
                .complete("r", 1, 30, 9);
        assertThat(acks.decisions()).extracting(Decision::getSeq).containsExactly(2L, 3L, 4L);
    }

    @Test
    void aVersionIsSealedOnceEveryPartitionEmittedItAndThenItsManifestIsWritten() {
        acks.propose(EMA).opened("r", 1).complete("r", 1, 10, 7).applied(0, 2, "ema", 1);
        assertThat(acks.seals()).isEmpty();
        acks.applied(1, 2, "ema", 1);
        assertThat(acks.seals()).extracting(SealJob::version).containsExactly(1L);
        acks.sealed(2, "ema", 1).sealed(2, "ema", 1);
        assertThat(acks.manifests()).hasSize(1);
    }

    @Test
    void theManifestNamesEveryIngredientWithItsWeight() {
        acks.propose(EMA).opened("r", 1);
        for (int i = 1; i <= 3; i++) {
            acks.complete("r", 1, 10L * i, i)
                    .applied(0, i + 1, "ema", i)
                    .applied(1, i + 1, "ema", i)
                    .sealed(i + 1, "ema", i);
        }
        Manifest third = acks.manifests().get(2);
        assertThat(third.getIngredients()).extracting(Ingredient::getWeight).containsExactly(0.25, 0.25, 0.5);
        assertThat(third.getIngredients()).extracting(Ingredient::getStep).containsExactly(10L, 20L, 30L);
        assertThat(third.getOmitted()).isZero();
    }

    @Test
    void aSealThatWasUnderWayIsAskedForAgainAfterARestart() {
        acks.propose(EMA)
                .opened("r", 1)
                .complete("r", 1, 10, 7)
                .applied(0, 2, "ema", 1)
                .applied(1, 2, "ema", 1);
        acks.restart();
        assertThat(acks.seals()).hasSize(2);
    }

    @Test
    void emitEveryCountsTheCheckpointsThatEntered() {
        acks.propose("{model: m, channels: [{name: s, operator: swa, settings: {from-step: 20}, emit-every: 2}]}")
                .opened("r", 1);
        for (int i = 1; i <= 5; i++) {
            acks.complete("r", 1, 10L * i, i);
        }
        assertThat(acks.decisions())
                .extracting(decision -> decision.getUpdates().get(0).getVersion())
                .containsExactly(0L, 0L, 1L, 0L, 2L);
    }

    @Test
    void aPlanOfAnotherModelOrWithoutSenseIsRefusedInWords() {
        acks.propose("{model: n, channels: [{name: ema, operator: ema}]}");
        assertThat(acks.answers().get(0).getRefusal()).isEqualTo("plan: model n: this is m");
        acks.propose("{model: m, channels: [{name: ema, operator: emma}]}");
        assertThat(acks.answers().get(1).getRefusal()).contains("operator emma: unknown");
        assertThat(acks.plans()).isEmpty();
    }

    @Test
    void aChannelThatChangesBeginsAgainButGoesOnCountingVersions() {
        acks.propose(EMA).opened("r", 1).complete("r", 1, 10, 7);
        acks.propose(
                "{model: m, channels: [{name: ema, operator: ema, settings: {decay: 0.75}}, {name: swa, operator: swa}]}");
        acks.complete("r", 1, 20, 8);
        assertThat(acks.newest().getUpdates())
                .containsExactly(
                        new ChannelUpdate("ema", java.util.List.of(1.0), 2L, 0L, java.util.List.of()),
                        new ChannelUpdate("swa", java.util.List.of(1.0, 1.0), 1L, 0L, java.util.List.of()));
    }

    @Test
    void aVersionThatIsSealedAfterTwoMorePlansNamesItsIngredientsAndThenTheyGo() {
        acks.propose(EMA).opened("r", 1).complete("r", 1, 10, 7);
        acks.propose(EMA.replace("0.5", "0.6")).propose(EMA.replace("0.5", "0.7"));
        acks.applied(0, 2, "ema", 1).applied(1, 2, "ema", 1).sealed(2, "ema", 1);
        assertThat(acks.manifests().get(0).getIngredients())
                .extracting(Ingredient::getStep)
                .containsExactly(10L);
        acks.propose(EMA);
        assertThat(acks.keys("lineage/")).isEmpty();
    }

    @Test
    void aChannelThatStaysGoesOnWhenAnotherIsAdded() {
        acks.propose(EMA).opened("r", 1).complete("r", 1, 10, 7);
        acks.propose(
                "{model: m, channels: [{name: swa, operator: swa}, {name: ema, operator: ema, settings: {decay: 0.5}}]}");
        acks.complete("r", 1, 20, 8);
        assertThat(acks.newest().getUpdates().get(1))
                .isEqualTo(new ChannelUpdate("ema", java.util.List.of(0.5), 2L, 0L, java.util.List.of()));
    }

    @Test
    void oldVersionsAreRetired() {
        acks.propose("{model: m, channels: [{name: ema, operator: ema, retain: 2}]}")
                .opened("r", 1);
        for (int i = 1; i <= 4; i++) {
            acks.complete("r", 1, 10L * i, i);
        }
        assertThat(acks.decisions())
                .extracting(decision -> decision.getUpdates().get(0).getRetire())
                .containsExactly(0L, 0L, 1L, 2L);
        assertThat(acks.retired()).as("their manifests go, too").containsExactly(1L, 2L);
    }

    @Test
    void aVersionThatIsRetiredBeforeItIsSealedGetsNoManifest() {
        acks.propose(EMA.replace("operator: ema", "operator: ema, retain: 2")).opened("r", 1);
        acks.complete("r", 1, 10, 1).applied(0, 2, "ema", 1).applied(1, 2, "ema", 1);
        acks.complete("r", 1, 20, 2).complete("r", 1, 30, 3);
        assertThat(acks.retired()).containsExactly(1L);
        acks.sealed(2, "ema", 1);
        assertThat(acks.manifests()).isEmpty();
        acks.restart();
        assertThat(acks.seals()).as("nobody asks for it again").hasSize(1);
        acks.applied(0, 3, "ema", 2).applied(1, 3, "ema", 2).sealed(3, "ema", 2);
        assertThat(acks.manifests()).extracting(Manifest::getVersion).containsExactly(2L);
    }

    @Test
    void aLoweredRetainFreesWhatItLeavesOverNineAtATimeAndTheServedOneStays() {
        acks.propose("{model: m, channels: [{name: ema, operator: ema, retain: 30}]}")
                .opened("r", 1);
        for (int i = 1; i <= 30; i++) {
            acks.complete("r", 1, 10L * i, i);
        }
        assertThat(acks.retired()).isEmpty();
        acks.promoted(1, "ema", 3).propose("{model: m, channels: [{name: ema, operator: ema, retain: 4}]}");
        for (int i = 31; i <= 33; i++) {
            acks.restart().complete("r", 1, 10L * i, i);
        }
        assertThat(acks.retired())
                .as("of every emission, without the version in service")
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 28)
                        .filter(version -> version != 3)
                        .boxed()
                        .toList());
        acks.complete("r", 1, 340, 34).complete("r", 1, 350, 35);
        assertThat(acks.retired()).endsWith(28L, 29L, 30L, 31L);
        assertThat(acks.newest().getUpdates().get(0).getAlsoRetire())
                .as("only what it pushes out")
                .isEmpty();
    }

    @Test
    void whatWaitsIsCountedWithHowFarItIsBeforeWhatIsAccepted() {
        acks.propose(EMA).opened("r", 1).opened("s", 1).complete("r", 1, 10, 1);
        assertThat(acks.undecided()).isEqualTo(new CoordinateStatus.Undecided(0, 0));
        acks.staged(0, "r", 1, 40, 4).staged(0, "s", 1, 20, 2);
        assertThat(acks.undecided()).isEqualTo(new CoordinateStatus.Undecided(2, 30));
        acks.staged(1, "r", 1, 40, 4);
        assertThat(acks.undecided()).isEqualTo(new CoordinateStatus.Undecided(1, 20));
    }

    @Test
    void aRaisedRetainRetiresNothingUntilThereAreSoManyAgain() {
        acks.propose("{model: m, channels: [{name: ema, operator: ema, retain: 2}]}")
                .opened("r", 1);
        acks.complete("r", 1, 10, 1).complete("r", 1, 20, 2).complete("r", 1, 30, 3);
        acks.propose("{model: m, channels: [{name: ema, operator: ema, retain: 4}]}");
        acks.complete("r", 1, 40, 4).complete("r", 1, 50, 5).complete("r", 1, 60, 6);
        assertThat(acks.retired()).containsExactly(1L, 2L);
    }

    @Test
    void aVersionThatIsOrWasInServiceIsKept() {
        acks.propose("{model: m, channels: [{name: ema, operator: ema, retain: 2}]}")
                .opened("r", 1);
        acks.complete("r", 1, 10, 1)
                .promoted(1, "ema", 1)
                .complete("r", 1, 20, 2)
                .promoted(2, "ema", 2);
        acks.complete("r", 1, 30, 3).complete("r", 1, 40, 4).complete("r", 1, 50, 5);
        assertThat(acks.decisions())
                .extracting(decision -> decision.getUpdates().get(0).getRetire())
                .containsExactly(0L, 0L, 0L, 0L, 3L);
    }

    @Test
    void theVersionsOfOneLadderAreRetiredTogether() {
        acks.propose(
                "{model: m, channels: [{name: ema, operator: ema}, {name: mix, operator: bcwi, retain: 2, settings: {from: ema, flip-budget: 3, grid: 0.5}}]}");
        acks.promoted(1, "ema", 1).pinned(1).opened("r", 1);
        acks.complete("r", 1, 10, 1).complete("r", 1, 20, 2).complete("r", 1, 30, 3);
        assertThat(acks.newest().getUpdates().subList(1, 4))
                .extracting(ChannelUpdate::getRetire)
                .containsExactly(1L, 2L, 3L);
    }

    private static final String MIXED =
            "{model: m, channels: [{name: mix, operator: bcwi, settings: {from: ema, new-weight: 0.7}}, {name: ema, operator: ema, settings: {decay: 0.5}}]}";

    @Test
    void aPromotedBaselineIsPinnedForThosePlansThatMixWithIt() {
        acks.propose(EMA).promoted(1, "ema", 1);
        assertThat(acks.pins()).isEmpty();
        acks.propose(MIXED);
        assertThat(acks.pins()).containsExactly(new State.Pin(1, "ema", 1));
        acks.restart();
        assertThat(acks.pins()).as("asked again after a restart").hasSize(2);
        acks.pinned(1).restart();
        assertThat(acks.pins()).as("pinned by now").hasSize(2);
    }

    @Test
    void promotingWhatIsInServiceAlreadyPinsNothing() {
        acks.propose(MIXED).promoted(1, "ema", 1).promoted(2, "ema", 1, new Subject("ema", 1L));
        assertThat(acks.pins()).containsExactly(new State.Pin(1, "ema", 1));
        acks.pinned(1);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.COMMIT);
    }

    @Test
    void nothingIsMixedBeforeTheBaselineIsPinned() {
        acks.propose(MIXED).opened("r", 1).complete("r", 1, 10, 1);
        assertThat(acks.newest().getUpdates())
                .extracting(ChannelUpdate::getChannel)
                .containsExactly("ema");
        acks.promoted(1, "ema", 1).pinned(1).complete("r", 1, 20, 2);
        assertThat(acks.newest().getUpdates())
                .containsExactly(
                        new ChannelUpdate("ema", java.util.List.of(0.5), 2L, 0L, java.util.List.of()),
                        new ChannelUpdate("mix", java.util.List.of(0.7), 1L, 0L, java.util.List.of()));
    }

    @Test
    void theBaselineItselfEntersNoAverage() {
        acks.propose(MIXED).promoted(1, "ema", 1).pinned(1);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.COMMIT);
        assertThat(acks.newest().getUpdates()).isEmpty();
    }

    @Test
    void aBaselineThatIsNotInForceIsNotPinned() {
        acks.propose(MIXED).promoted(1, "ema", 1).promoted(2, "ema", 2).pinned(1);
        assertThat(acks.newest().getReason()).isEqualTo("baseline: promotion 1 is not the one in force");
    }

    @Test
    void aSearchEmitsItsLadderAndProposesIt() {
        acks.propose(
                "{model: m, channels: [{name: ema, operator: ema}, {name: mix, operator: bcwi, settings: {from: ema, flip-budget: 3, grid: 0.5}}]}");
        acks.promoted(1, "ema", 1).pinned(1).opened("r", 1).complete("r", 1, 10, 1);
        assertThat(acks.newest().getUpdates().subList(1, 4))
                .containsExactly(
                        new ChannelUpdate("mix", java.util.List.of(0.0), 1L, 0L, java.util.List.of()),
                        new ChannelUpdate("mix", java.util.List.of(0.5), 2L, 0L, java.util.List.of()),
                        new ChannelUpdate("mix", java.util.List.of(1.0), 3L, 0L, java.util.List.of()));
        assertThat(acks.searches()).hasSize(1);
        assertThat(acks.searches().get(0).getVersions()).containsExactly(1L, 2L, 3L);
        assertThat(acks.searches().get(0).getNewWeights()).containsExactly(0.0, 0.5, 1.0);
        assertThat(acks.searches().get(0).getFlipBudget()).isEqualTo(3);
    }

    @Test
    void theLineageOfAMixNamesTheBaselineAndItsShare() {
        acks.propose(MIXED).promoted(1, "ema", 1).pinned(1).opened("r", 1).complete("r", 1, 10, 1);
        long seq = acks.newest().getSeq();
        acks.applied(0, seq, "mix", 1).applied(1, seq, "mix", 1).sealed(seq, "mix", 1);
        Manifest manifest = acks.manifests().get(0);
        assertThat(manifest.getIngredients()).extracting(Ingredient::getRun).containsExactly("@baseline", "r");
        assertThat(manifest.getIngredients()).extracting(Ingredient::getWeight).containsExactly(1 - 0.7, 0.7);
        assertThat(manifest.getSettings()).containsEntry("new-weight", "0.7");
    }

    @Test
    void aMixNamesTheBaselineOfItsDecisionThoughAnotherIsPinnedBeforeItIsSealed() {
        acks.propose(MIXED).promoted(1, "ema", 1).pinned(1).opened("r", 1).complete("r", 1, 10, 1);
        long seq = acks.newest().getSeq();
        acks.promoted(2, "ema", 2).pinned(2).restart();
        acks.applied(0, seq, "mix", 1).applied(1, seq, "mix", 1).sealed(seq, "mix", 1);
        assertThat(acks.manifests().get(0).getIngredients())
                .extracting(Ingredient::getRun, Ingredient::getStep)
                .containsExactly(tuple("@baseline", 1L), tuple("r", 10L));
    }
}
