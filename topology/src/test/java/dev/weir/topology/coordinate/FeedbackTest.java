package dev.weir.topology.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Feedback;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which checkpoints send an average back to their run. */
final class FeedbackTest {
    private static final String PLAN = """
            {model: m, channels: [
              {name: sema, operator: switch-ema, settings: {decay: 0.5}, emit-every: 100, feedback-steps: 20}]}""";

    private final Acks acks = new Acks();

    @Test
    void theFirstAcceptedCheckpointInEverySoManyStepsOfARunEmitsAndGoesBack() {
        acks.propose(PLAN).opened("a", 1).opened("b", 1);
        for (int step : new int[] {10, 20, 30, 50, 60, 65, 120}) {
            acks.complete("a", 1, step, step);
        }
        acks.complete("b", 1, 30, 1).complete("b", 1, 45, 2);
        assertThat(acks.feedback())
                .extracting(Feedback::getRun, Feedback::getStep, Feedback::getVersion)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a", 20L, 1L),
                        org.assertj.core.groups.Tuple.tuple("a", 50L, 2L),
                        org.assertj.core.groups.Tuple.tuple("a", 60L, 3L),
                        org.assertj.core.groups.Tuple.tuple("a", 120L, 4L),
                        org.assertj.core.groups.Tuple.tuple("b", 45L, 5L));
        Feedback last = acks.feedback().getLast();
        assertThat(last.getSeq()).isEqualTo(acks.newest().getSeq());
        assertThat(last.getCheckpointDigest()).isEqualTo(acks.newest().getCheckpointDigest());
        assertThat(acks.newest().getUpdates())
                .extracting(ChannelUpdate::getVersion)
                .containsExactly(5L);
    }

    @Test
    void whatIsNotAcceptedSendsNothingBackAndARepetitionNothingAgain() {
        acks.propose(PLAN).opened("a", 1).complete("a", 1, 20, 7).opened("a", 2).complete("a", 2, 20, 7);
        acks.failed(0, "a", 2, 40, "conflict: x");
        assertThat(acks.feedback()).hasSize(1);
    }

    @Test
    void aCentreGoesBackWithTheDistanceOfEveryTensorWhoeverSaysItsSumsFirst() {
        String plan =
                "{model: m, channels: [{name: stock, operator: weight-centre, feedback-steps: 10, settings: {distances: true}}]}";
        acks.propose(plan).opened("a", 1).complete("a", 1, 10, 1);
        assertThat(acks.feedback().getLast().getDistances())
                .as("it is the centre")
                .isEmpty();
        acks.complete("a", 1, 20, 2).reduced(0, "a", 20, 2, 16.0).restart().reduced(1, "a", 20, 2);
        assertThat(acks.feedback().getLast().getDistances()).containsExactlyEntriesOf(Map.of("w", 2.0));
        // It is reduced against the centre before, and said again after every decision; the newest counts.
        acks.reduced(1, "a", 30, 3).reduced(0, "a", 30, 2, 1.0).complete("a", 1, 30, 3);
        assertThat(acks.feedback()).hasSize(2);
        acks.restart().reduced(0, "a", 30, 3, 9.0);
        assertThat(acks.feedback().getLast().getDistances()).containsExactlyEntriesOf(Map.of("w", (1 - 1 / 3.0) * 3));
        acks.complete("a", 1, 35, 4).reduced(1, "a", 35, 4).reduced(0, "a", 35, 4, 9.0);
        assertThat(acks.feedback()).as("no step that sends back").hasSize(3);
    }

    @Test
    void aRestartedCoordinatorGoesOnWhereItWas() {
        acks.propose(PLAN).opened("a", 1).complete("a", 1, 10, 1).restart().complete("a", 1, 25, 2);
        acks.restart().complete("a", 1, 30, 3);
        assertThat(acks.feedback()).extracting(Feedback::getStep).containsExactly(25L);
    }
}
