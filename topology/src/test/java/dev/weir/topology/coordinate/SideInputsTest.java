package dev.weir.topology.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Decision;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Numbers about checkpoints, in any order and at any time, and what the coordinator makes of them. */
final class SideInputsTest {
    private static final String PLAN = """
            {model: m, input-wait-ms: 1000, channels: [
              {name: soup, operator: uniform-soup, settings: {weight-input: samples}},
              {name: ema, operator: ema, settings: {decay: 0.5}}]}""";

    private final Acks acks = new Acks();

    @Test
    void aCheckpointWaitsForTheInputsThatItsChannelsReadAndTheDecisionHoldsThem() {
        acks.propose(PLAN).opened("r", 1).complete("r", 1, 10, 7);
        assertThat(acks.decisions()).isEmpty();
        acks.input("r", 10, "speed", 3).input("r", 10, "samples", 64);
        assertThat(acks.newest().getInputs()).containsExactlyEntriesOf(Map.of("samples", 64.0));
        assertThat(coefficients(acks.newest(), "soup")).containsExactly(64.0, 64.0);
        assertThat(acks.newest().getPassedBy()).isEmpty();
    }

    @Test
    void whatIsMissingAfterTheWaitLetsTheCheckpointPassThatChannelAloneAndTheDecisionSaysWhy() {
        acks.propose(PLAN).opened("r", 1).at(5_000).complete("r", 1, 10, 7).expire(5_999);
        assertThat(acks.decisions()).isEmpty();
        acks.expire(6_000);
        assertThat(coefficients(acks.newest(), "soup")).isEmpty();
        assertThat(coefficients(acks.newest(), "ema")).containsExactly(1.0);
        assertThat(acks.newest().getPassedBy())
                .containsExactlyEntriesOf(Map.of("soup", "input-missing: samples did not come within 1000 ms"));
        acks.input("r", 10, "samples", 64);
        assertThat(acks.dropped()).containsExactly("input-late");
    }

    @Test
    void aNumberOutOfTheOperatorsRangeLetsTheCheckpointPass() {
        acks.propose(PLAN).opened("r", 1).input("r", 10, "samples", -1).complete("r", 1, 10, 7);
        assertThat(coefficients(acks.newest(), "soup")).isEmpty();
        assertThat(acks.newest().getPassedBy().get("soup"))
                .isEqualTo("input-range: samples is -1.0; allowed: a number from 1.0E-12 to 1.0E12");
    }

    @Test
    void theFirstNumberStaysAndEveryOtherRecordIsCounted() {
        acks.propose(PLAN)
                .opened("r", 1)
                .input("r", 10, "samples", 64)
                .input("r", 10, "samples", 64)
                .input("r", 10, "samples", 65)
                .input("r", 10, "samples", Double.NaN)
                .input("r", 10, "no name", 1)
                .input("no run!", 10, "samples", 1)
                .score("ema", 1, "accuracy", 0.5)
                .complete("r", 1, 10, 7);
        assertThat(coefficients(acks.newest(), "soup")).containsExactly(64.0, 64.0);
        assertThat(acks.dropped())
                .containsExactly(
                        "input-duplicate",
                        "input-conflict",
                        "input-not-finite",
                        "input-unnamed",
                        "input-unnamed",
                        "input-foreign");
    }

    @Test
    void theOrderOfDecisionsIsThatOfCompletionHoweverInputsArrive() {
        acks.propose(PLAN).opened("a", 1).opened("b", 1);
        acks.complete("a", 1, 10, 1).complete("b", 1, 10, 2).complete("a", 1, 20, 3);
        acks.input("b", 10, "samples", 2).input("a", 20, "samples", 3);
        assertThat(acks.decisions()).isEmpty();
        acks.restart().input("a", 10, "samples", 1);
        assertThat(acks.decisions()).extracting(Decision::getRun).containsExactly("a", "b", "a");
        assertThat(coefficients(acks.newest(), "soup")).containsExactly(3.0, 6.0);
    }

    @Test
    void shufflingInputsAmongEverythingElseChangesNoDecision() {
        List<Decision> expected = shuffled(new Random(0), false);
        for (int seed = 1; seed <= 50; seed++) {
            assertThat(shuffled(new Random(seed), true)).as("seed %d", seed).isEqualTo(expected);
        }
    }

    private static List<Decision> shuffled(Random random, boolean shuffle) {
        Acks acks = new Acks().propose(PLAN).opened("a", 1).opened("b", 1);
        List<Runnable> checkpoints = new ArrayList<>();
        List<Runnable> inputs = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            int number = i;
            String run = i % 3 == 0 ? "b" : "a";
            checkpoints.add(() -> acks.complete(run, 1, number, number));
            inputs.add(() -> acks.input(run, number, "samples", 10 * number));
        }
        if (shuffle) {
            Collections.shuffle(inputs, random);
        }
        while (!checkpoints.isEmpty() || !inputs.isEmpty()) {
            boolean input = checkpoints.isEmpty() || (!inputs.isEmpty() && random.nextBoolean());
            (input ? inputs : checkpoints).removeFirst().run();
        }
        assertThat(acks.dropped()).isEmpty();
        assertThat(acks.decisions()).hasSize(12);
        return acks.decisions();
    }

    @Test
    void aNewEpochDoesNotEndWhatIsCompleteAndWaits() {
        acks.propose(PLAN).opened("r", 1).complete("r", 1, 10, 7).opened("r", 2).expire(100);
        assertThat(acks.decisions()).isEmpty();
        acks.input("r", 10, "samples", 1);
        assertThat(acks.newest().getEpoch()).isEqualTo(1);
        acks.complete("r", 2, 10, 7);
        assertThat(acks.newest().getReason()).startsWith("duplicate: ");
    }

    @Test
    void aPlanThatReadsNothingMoreDecidesWhatWaited() {
        acks.propose(PLAN).opened("r", 1).complete("r", 1, 10, 7);
        acks.propose("{model: m, channels: [{name: ema, operator: ema, settings: {decay: 0.5}}]}");
        assertThat(acks.decisions()).hasSize(1);
    }

    private static List<Double> coefficients(Decision decision, String channel) {
        return decision.getUpdates().stream()
                .filter(update -> update.getChannel().equals(channel))
                .map(ChannelUpdate::getCoefficients)
                .findFirst()
                .orElseThrow();
    }
}
