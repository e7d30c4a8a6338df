package dev.weir.topology.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChannelPlanTest {

    /** The published hook has the condition the other way round: it switches at every epoch but each n-th, and never at n = 1. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 100})
    @DisplayName("A6 switch-ema: a run goes on from the average at every interval and at no other step")
    void switchesAtEveryIntervalAndAtNoOtherStep(long interval) {
        ChannelPlan channel = new ChannelPlan("sema", "switch-ema", Map.of(), 1, 1_000, interval);
        for (long step = 1; step <= 300; step++) {
            assertThat(channel.feedsBack(step - 1, step)).as("step " + step).isEqualTo(step % interval == 0);
        }
    }
}
