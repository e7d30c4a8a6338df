package dev.weir.topology.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Verdict;
import org.junit.jupiter.api.Test;

/** A tensor that was not averaged when its chunks came was not looked at for NaN: what is on its way when that changes is refused. */
final class TensorRulesTest {
    private static final String CHANNELS = "channels: [{name: ema, operator: ema, settings: {decay: 0.5}}]";
    private static final String AVERAGED = "{model: m, " + CHANNELS + "}";
    private static final String COPIED = "{model: m, " + CHANNELS + ", tensors: [{pattern: w, policy: copy-latest}]}";

    private final Acks acks = new Acks();

    @Test
    void aCheckpointOfWhichAPartitionSawAChunkUnderOtherRulesIsRefused() {
        acks.propose(COPIED).opened("r", 1).stagedUnder(1, 0, "r", 10, 7);
        acks.propose(AVERAGED).stagedUnder(2, 1, "r", 10, 7);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.REJECT);
        assertThat(acks.newest().getReason())
                .isEqualTo("rules: plan 2 changed the rules for tensors while it was on its way");
        acks.stagedUnder(2, 0, "r", 20, 8).stagedUnder(2, 1, "r", 20, 8);
        assertThat(acks.newest().getVerdict()).isEqualTo(Verdict.COMMIT);
    }

    @Test
    void whatIsKnownOfTheRulesOutlivesARestart() {
        acks.propose(COPIED).opened("r", 1);
        acks.stagedUnder(1, 0, "r", 10, 7).propose(AVERAGED).restart().stagedUnder(1, 1, "r", 10, 7);
        assertThat(acks.newest().getReason()).startsWith("rules: plan 2");
    }

    @Test
    void aPlanWithTheSameRulesRefusesNothingNorDoesAnAcknowledgementThatDoesNotSay() {
        acks.propose(COPIED).opened("r", 1).stagedUnder(1, 0, "r", 10, 7);
        acks.propose(COPIED.replace("0.5", "0.25")).stagedUnder(1, 1, "r", 10, 7);
        acks.complete("r", 1, 20, 8);
        assertThat(acks.decisions()).extracting(Decision::getVerdict).containsExactly(Verdict.COMMIT, Verdict.COMMIT);
    }
}
