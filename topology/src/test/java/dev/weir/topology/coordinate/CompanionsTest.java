package dev.weir.topology.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Checkpoints with companions, as the partitions say that they hold them, and what the coordinator makes of them. */
final class CompanionsTest {
    private static final String PLAN = """
            {model: m, channels: [
              {name: fisher, operator: fisher, settings: {normalise: mean}},
              {name: ema, operator: ema, settings: {decay: 0.5}}]}""";

    private final Acks acks = new Acks();

    @Test
    void aCheckpointIsDecidedOnceEveryPartitionHasSaidWhatItsCompanionComesTo() {
        acks.propose(PLAN).opened("r", 1).accompanied(0, "r", 10, "fisher").accompanied(1, "r", 10, "fisher");
        acks.sums(1, "r", 10, "fisher");
        assertThat(acks.decisions()).isEmpty();
        acks.restart().sums(0, "r", 10, "fisher", 2.0, 8.0, 34.0);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.COMMIT);
        assertThat(acks.newest().getCompanions()).containsExactly("fisher");
        assertThat(acks.newest().getPassedBy()).isEmpty();
        // 2 elements with the sum 8: a mean of 4.
        assertThat(coefficients("fisher")).containsExactly(0.0, 1.0, 0.25, 1.0, 1.0);
        assertThat(coefficients("ema")).containsExactly(1.0);
    }

    @Test
    void whatADecidedCheckpointCameToIsForgotten() {
        acks.propose(PLAN).opened("r", 1).sums(0, "r", 10, "fisher", 2.0, 8.0, 34.0);
        assertThat(acks.keys("sums/")).hasSize(1);
        acks.accompanied(0, "r", 10, "fisher").accompanied(1, "r", 10, "fisher").sums(1, "r", 10, "fisher");
        assertThat(acks.decisions()).hasSize(1);
        assertThat(acks.keys("sums/")).isEmpty();
        acks.sums(1, "r", 10, "fisher");
        assertThat(acks.keys("sums/")).isEmpty();
    }

    @Test
    void aCheckpointWithoutItPassesThatChannelAloneAndAtOnce() {
        acks.propose(PLAN).opened("r", 1).accompanied(0, "r", 10, "hessian").accompanied(1, "r", 10, "hessian");
        assertThat(coefficients("fisher")).isEmpty();
        assertThat(coefficients("ema")).containsExactly(1.0);
        assertThat(acks.newest().getPassedBy())
                .containsExactlyEntriesOf(
                        Map.of("fisher", "companion-missing: fisher did not come with the checkpoint"));
    }

    @Test
    void endsThatNameDifferentCompanionsRejectTheCheckpoint() {
        acks.propose(PLAN).opened("r", 1).accompanied(0, "r", 10, "fisher").accompanied(1, "r", 10);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.REJECT);
        assertThat(acks.newest().getReason()).startsWith("companion: the ends in the partitions name different");
    }

    @Test
    void tensorsThatAreNotAveragedDoNotCountInTheScale() {
        acks.propose(
                        "{model: m, tensors: [{pattern: w, policy: freeze}], channels: [{name: fisher, operator: fisher}]}")
                .opened("r", 1)
                .accompanied(0, "r", 10, "fisher")
                .accompanied(1, "r", 10, "fisher")
                .sums(0, "r", 10, "fisher", 2.0, 8.0, 34.0)
                .sums(1, "r", 10, "fisher");
        assertThat(coefficients("fisher")).containsExactly(0.0, 1.0, 1.0, 1.0, 1.0);
    }

    @Test
    void theOrderInWhichPartitionsSpeakChangesNoDecision() {
        List<Decision> expected = decisions(null);
        assertThat(expected).hasSize(3);
        for (int seed = 0; seed < 50; seed++) {
            assertThat(decisions(new Random(seed))).as("seed " + seed).isEqualTo(expected);
        }
    }

    /** Three checkpoints, one run each decided before the next; what the partitions say of each in any order. */
    private static List<Decision> decisions(@Nullable Random random) {
        Acks acks = new Acks().propose(PLAN).opened("r", 1);
        for (long step = 10; step <= 30; step += 10) {
            long of = step;
            List<Runnable> said = new ArrayList<>(List.of(
                    () -> acks.accompanied(0, "r", of, "fisher"),
                    () -> acks.accompanied(1, "r", of, "fisher"),
                    () -> acks.sums(0, "r", of, "fisher", 2.0, of * 3.7, of * 9.1),
                    () -> acks.sums(1, "r", of, "fisher")));
            if (random != null) {
                Collections.shuffle(said, random);
            }
            said.forEach(Runnable::run);
        }
        return acks.decisions();
    }

    private List<Double> coefficients(String channel) {
        return acks.newest().getUpdates().stream()
                .filter(update -> update.getChannel().equals(channel))
                .map(ChannelUpdate::getCoefficients)
                .findFirst()
                .orElseThrow();
    }
}
