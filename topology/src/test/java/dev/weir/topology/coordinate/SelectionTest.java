package dev.weir.topology.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Feedback;
import dev.weir.schemas.record.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Checkpoints that enter a channel or pass it by for what their sums over tensors say, and all that follows from it. */
final class SelectionTest {
    private final Acks acks = new Acks();

    @Test
    void whatPassesByIsAcceptedWithItsReasonAndDoesNothingToTheChannel() {
        near("feedback-steps: 10, emit-every: 2", "opened");
        enter(20, 2, 9.0);
        assertThat(acks.newest().getUpdates().getFirst().getCoefficients()).containsExactly(1.0, 2.0);
        assertThat(acks.newest().getPassedBy()).isEmpty();
        assertThat(acks.feedback()).extracting(Feedback::getStep).containsExactly(10L, 20L);

        enter(30, 3, 4.0);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.COMMIT);
        assertThat(acks.newest().getUpdates())
                .containsExactly(new ChannelUpdate("stock", List.of(), 0L, 0L, List.of()));
        assertThat(acks.newest().getPassedBy())
                .containsExactlyEntriesOf(Map.of("stock", "too-near: 2.0 from the average; enters: above 3.0"));
        assertThat(acks.feedback()).as("there is nothing new to go on from").hasSize(2);

        // The mean of 3 and 2 is 2.5. A restart changes nothing of what was noted.
        acks.restart();
        enter(31, 3, 6.26);
        assertThat(acks.newest().getUpdates().getFirst().getCoefficients()).containsExactly(1.0, 3.0);
        assertThat(acks.newest().getUpdates().getFirst().getVersion())
                .as("the third that entered")
                .isZero();
        enter(32, 5, 100.0);
        assertThat(acks.newest().getUpdates().getFirst().getVersion()).isEqualTo(3);
    }

    @Test
    void whatIsInFlightWithOneThatPassesByNeedsNotBeReducedAgain() {
        near("", "opened");
        enter(20, 2, 9.0);
        acks.opened("s", 1).complete("s", 1, 5, 99).complete("r", 1, 30, 30);
        acks.reduced(0, "s", 5, 3, 1.0).reduced(1, "s", 5, 2);
        assertThat(acks.newest().getStep()).as("20 entered as decision 3").isEqualTo(20);
        // Decision 4 will move nothing, so that numbers of the state after 3 are those after 4.
        acks.reduced(0, "r", 30, 3, 25.0).reduced(1, "r", 30, 3);
        acks.reduced(1, "s", 5, 3);
        assertThat(acks.decisions()).extracting(Decision::getStep).containsExactly(10L, 20L, 5L, 30L);
        assertThat(acks.decisions().get(2).getPassedBy()).containsKey("stock");
        assertThat(acks.newest().getUpdates().getFirst().getCoefficients()).containsExactly(1.0, 3.0);
    }

    @Test
    void aMaskThatDiffersIsNamedByTensor() {
        acks.propose("{model: m, channels: [{name: stock, operator: sparse-soup}]}")
                .opened("r", 1);
        acks.complete("r", 1, 10, 10);
        enter(20, 2, 1.0);
        assertThat(acks.newest().getPassedBy().get("stock"))
                .startsWith(
                        "mask-differs: tensor w has 1 zeros more or fewer than the first model's, 1 in all tensors");
        enter(30, 2, 0.0);
        assertThat(acks.newest().getUpdates().getFirst().getCoefficients()).containsExactly(1.0, 2.0);
        assertThat(acks.newest().getUpdates().getFirst().getVersion()).isEqualTo(2);
    }

    @Test
    void tensorsThatAreNotAveragedHaveNoDistance() {
        acks.propose("{model: m, tensors: [{pattern: w, policy: freeze}], channels: [{name: stock, operator: naswa}]}")
                .opened("r", 1)
                .complete("r", 1, 10, 10);
        enter(20, 2, 0.0);
        assertThat(acks.newest().getPassedBy().get("stock"))
                .isEqualTo("tensors-unmatched: setting tensors: * matches no tensor that is averaged");
    }

    @Test
    void roundsHaveAVersionAtTheirEndAndItGoesBackToTheRunThatEndsOne() {
        acks.propose("{model: m, channels: [{name: base, operator: fusing, feedback-steps: 10, settings:"
                        + " {share: 0.5, models: 2}}]}")
                .opened("r", 1);
        for (int step = 10; step <= 60; step += 10) {
            acks.complete("r", 1, step, step);
        }
        assertThat(acks.decisions())
                .extracting(decision -> decision.getUpdates().getFirst().getVersion())
                .containsExactly(1L, 0L, 2L, 0L, 3L, 0L);
        assertThat(acks.decisions())
                .extracting(decision -> decision.getUpdates().getFirst().getCoefficients())
                .startsWith(List.of(0.0, 0.0), List.of(1.0, 0.0), List.of(2.0, 1.0), List.of(1.0, 0.0));
        assertThat(acks.feedback()).extracting(Feedback::getStep).containsExactly(10L, 30L, 50L);
        assertThat(acks.feedback()).extracting(Feedback::getVersion).containsExactly(1L, 2L, 3L);
    }

    /** A channel of NASWA, called stock as {@link Acks#reduced} has it, after its first checkpoint. */
    private void near(String more, String first) {
        String comma = more.isEmpty() ? "" : ", ";
        acks.propose("{model: m, channels: [{name: stock, operator: naswa" + comma + more + "}]}")
                .opened("r", 1)
                .complete("r", 1, 10, 10);
        Decision decision = acks.newest();
        assertThat(decision.getUpdates().getFirst().getCoefficients()).as(first).containsExactly(1.0, 1.0);
    }

    /** A checkpoint whose only tensor is at this squared distance, or has so many other zeros. */
    private void enter(long step, long seq, double sum) {
        acks.complete("r", 1, step, (int) step).reduced(0, "r", step, seq, sum).reduced(1, "r", step, seq);
    }
}
