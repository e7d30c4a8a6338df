package dev.weir.topology.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.Progress;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What runs say that they descend from, and what the coordinator makes of it. */
final class ProvenanceTest {
    private static final String PLAN =
            "{model: m, channels: [{name: stew, operator: ratatouille}, {name: ema, operator: ema, settings: {decay: 0.5}}]}";

    private final Acks acks = new Acks();

    @Test
    void aRunOfAnotherAncestorIsAcceptedAndPassesTheChannelBy() {
        acks.propose(PLAN)
                .descended("a", 1, Map.of("ancestor", "vit", "auxiliary", "cars", "target", "birds"))
                .complete("a", 1, 10, 1);
        assertThat(coefficients("stew")).containsExactly(1.0, 1.0);
        assertThat(acks.newest().getProvenance()).containsEntry("ancestor", "vit");

        acks.restart().descended("b", 1, Map.of("ancestor", "resnet")).restart().complete("b", 1, 10, 2);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.COMMIT);
        assertThat(acks.newest().getPassedBy())
                .containsExactlyEntriesOf(Map.of("stew", "ancestor-differs: run b descends from resnet; allowed: vit"));
        assertThat(update("stew")).isEqualTo(new ChannelUpdate("stew", List.of(), 0L, 0L, List.of()));
        assertThat(coefficients("ema")).as("which does not ask").containsExactly(0.5);

        acks.descended("c", 1, Map.of("ancestor", "vit", "auxiliary", "dogs", "target", "birds"))
                .restart()
                .complete("c", 1, 10, 3);
        assertThat(acks.newest().getPassedBy()).isEmpty();
        assertThat(coefficients("stew")).containsExactly(1.0, 2.0);
        assertThat(update("stew").getVersion()).isEqualTo(2);
    }

    @Test
    void anAuxiliaryTaskThatIsTheTargetPassesBy() {
        acks.propose(PLAN)
                .descended("a", 1, Map.of("auxiliary", "birds", "target", "birds"))
                .complete("a", 1, 10, 1);
        assertThat(acks.newest().getPassedBy().get("stew")).startsWith("auxiliary-is-target: run a");
        assertThat(coefficients("stew")).isEmpty();
    }

    @Test
    void whatAnEpochSaysHoldsForItsCheckpointsAloneAndIsForgottenBehindIt() {
        acks.propose(PLAN).descended("a", 1, Map.of("ancestor", "vit")).complete("a", 1, 10, 1);
        acks.descended("b", 1, Map.of("ancestor", "resnet")).complete("b", 1, 10, 2);
        acks.descended("b", 2, Map.of("ancestor", "vit")).complete("b", 2, 20, 3);
        assertThat(acks.newest().getPassedBy()).isEmpty();
        assertThat(coefficients("stew")).containsExactly(1.0, 2.0);
        assertThat(acks.keys("provenance/b/")).hasSize(1);
        acks.opened("b", 3).complete("b", 3, 30, 4);
        assertThat(acks.newest().getProvenance()).isEmpty();
        assertThat(acks.keys("provenance/b/")).isEmpty();
    }

    @Test
    void anOlderEpochsCheckpointKeepsWhatThatEpochSaid() {
        acks.propose("{model: m, input-wait-ms: 1000, channels: [{name: soup, operator: uniform-soup, settings:"
                        + " {weight-input: samples}}]}")
                .descended("a", 1, Map.of("ancestor", "vit"))
                .complete("a", 1, 10, 1);
        // Complete, it waits for its input while the next epoch opens.
        acks.descended("a", 2, Map.of("ancestor", "resnet")).input("a", 10, "samples", 3.0);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.COMMIT);
        assertThat(acks.newest().getProvenance()).containsExactlyEntriesOf(Map.of("ancestor", "vit"));
    }

    @Test
    void epochsOfWhichNothingIsAcceptedAreForgottenAsTheNextOneOpens() {
        acks.propose(PLAN);
        for (int epoch = 1; epoch <= 5; epoch++) {
            acks.descended("a", epoch, Map.of("ancestor", "vit-" + epoch));
        }
        assertThat(acks.keys("provenance/a/")).hasSize(1);
        acks.complete("a", 5, 10, 1);
        assertThat(acks.newest().getProvenance()).containsExactlyEntriesOf(Map.of("ancestor", "vit-5"));
    }

    @Test
    void ofMoreRunsThanAManifestHasRoomForThoseThatEnteredLastAreThere() {
        List<State.Entered> entered = new ArrayList<>();
        for (int run = 0; run < 5_000; run++) {
            Map<String, String> said = Map.of("ancestor", "x".repeat(256), "target", "y".repeat(200));
            entered.add(new State.Entered(run, "run-" + run, 1, "00", List.of(1.0), said));
        }
        Map<String, Map<String, String>> provenance = VersionBook.provenance(entered);
        assertThat(provenance).containsKeys("run-4999", "run-3000").doesNotContainKey("run-0");
        assertThat(provenance.size()).isBetween(2_000, (int) (VersionBook.PROVENANCE_BYTES / 456));
    }

    @Test
    void aManifestHasWhatTheRunsOfItsIngredientsSay() {
        acks.propose("{model: m, channels: [{name: mean, operator: swa}]}")
                .descended("a", 1, Map.of("ancestor", "vit", "calibration", "mixup+label-smoothing"))
                .opened("b", 1)
                .complete("a", 1, 10, 1)
                .complete("b", 1, 10, 2);
        Manifest first = manifest(2, 1);
        assertThat(first.getProvenance())
                .containsExactlyEntriesOf(
                        Map.of("a", Map.of("ancestor", "vit", "calibration", "mixup+label-smoothing")));
        acks.restart().descended("b", 2, Map.of("ancestor", "vit")).complete("b", 2, 20, 3);
        assertThat(manifest(3, 2).getProvenance()).as("b said nothing then").containsOnlyKeys("a");
        assertThat(manifest(4, 3).getProvenance()).containsOnlyKeys("a", "b");
    }

    @Test
    void aStateOfBeforeThereWasAnyIsReadAsOneThatSaysNothing() {
        StateStore store = StateStore.inMemory();
        store.put(
                "entered",
                Map.of("seq", 1, "run", "r", "step", 10, "checkpointDigest", "00", "coefficients", List.of(1.0)));
        assertThat(store.get("entered", State.Entered.class))
                .isEqualTo(new State.Entered(1, "r", 10, "00", List.of(1.0), Map.of()));
        store.put(
                "progress",
                Map.of(
                        "seen",
                        2,
                        "updates",
                        1,
                        "weight",
                        1.0,
                        "anchor",
                        0.0,
                        "newestStep",
                        10,
                        "runSteps",
                        Map.of("r", 10)));
        assertThat(store.get("progress", Progress.class))
                .isEqualTo(new Progress(2, 1, 1, 0, 10, Map.of("r", 10L), List.of(), ""));
    }

    private Manifest manifest(long seq, long version) {
        acks.applied(0, seq, "mean", version).applied(1, seq, "mean", version).sealed(seq, "mean", version);
        return acks.manifests().getLast();
    }

    private ChannelUpdate update(String channel) {
        return acks.newest().getUpdates().stream()
                .filter(update -> update.getChannel().equals(channel))
                .findFirst()
                .orElseThrow();
    }

    private List<Double> coefficients(String channel) {
        return update(channel).getCoefficients();
    }
}
