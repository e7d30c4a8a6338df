package dev.weir.topology.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PlanSizesTest {
    /** 1,000 f32, 500,000 bf16 in three chunks, 8 integers of 8 bytes, and 100 f32 that rules may leave out. */
    private static final Layout LAYOUT = Layout.of(List.of(
            new TensorSpec("w", Dtype.F32, List.of(10L, 100L)),
            new TensorSpec("h", Dtype.BF16, List.of(500_000L)),
            new TensorSpec("steps", Dtype.I64, List.of(8L)),
            new TensorSpec("aux", Dtype.F32, List.of(100L))));

    private static final long CHECKPOINT = 4_000 + 1_000_000 + 64 + 400;

    @Test
    void anEmaKeepsFloatsInF32AndCopiesIntegers() {
        PlanSizes.Channel ema = only("{name: c, operator: ema, settings: {decay: 0.9}, retain: 3}", "");

        assertThat(ema.stateBytes()).isEqualTo(4_000 + 2_000_000 + 64 + 400);
        assertThat(ema.versionBytes()).isEqualTo(CHECKPOINT);
        assertThat(ema.keptBytes()).isEqualTo(3 * CHECKPOINT);
    }

    @Test
    void aSumIsKeptInF64() {
        assertThat(only("{name: c, operator: swa}", "").stateBytes()).isEqualTo(8_000 + 4_000_000 + 64 + 800);
    }

    @Test
    void aWindowKeepsAllItsCheckpointsAsTheyCame() {
        assertThat(only("{name: c, operator: lawa, settings: {window: 4}}", "").stateBytes())
                .isEqualTo(4 * (4_000 + 1_000_000 + 400) + 64);
    }

    @Test
    void whatIsSkippedHasNeitherStateNorPlaceInVersions() {
        PlanSizes.Channel ema = only(
                "{name: c, operator: ema, settings: {decay: 0.9}}",
                "{pattern: aux, policy: skip}, {pattern: h, policy: copy-latest}");

        assertThat(ema.stateBytes()).isEqualTo(4_000 + 1_000_000 + 64);
        assertThat(ema.versionBytes()).isEqualTo(4_000 + 1_000_000 + 64);
        assertThat(ema.retain()).isEqualTo(ChannelPlan.DEFAULT_RETAIN);
    }

    @Test
    void aMixWithTheBaselineHasThatInsteadOfAStateOfItsOwn() {
        PlanSizes sizes = sizes("""
                {name: c, operator: ema, settings: {decay: 0.9}},
                {name: mix, operator: bcwi, settings: {from: c}, retain: 2}""", "");

        assertThat(sizes.channels().get(1).stateBytes()).isZero();
        assertThat(sizes.channels().get(1).keptBytes()).isEqualTo(2 * CHECKPOINT);
        assertThat(sizes.baselineBytes()).isEqualTo(CHECKPOINT);
        assertThat(sizes.stateBytes()).isEqualTo(sizes.channels().get(0).stateBytes() + CHECKPOINT);
    }

    @Test
    void aSearchHasCandidatesBesideItsOwnVersions() {
        PlanSizes sizes = sizes("{name: soup, operator: greedy-soup-search, settings: {models: 3}}", "");

        assertThat(sizes.channels()).extracting(PlanSizes.Channel::name).containsExactly("soup", "soup@candidates");
        assertThat(sizes.stateBytes()).isEqualTo(3 * (4_000 + 1_000_000 + 400) + 64);
        assertThat(sizes.keptBytes()).isEqualTo(2L * ChannelPlan.DEFAULT_RETAIN * CHECKPOINT);
    }

    private static PlanSizes.Channel only(String channel, String tensors) {
        PlanSizes sizes = sizes(channel, tensors);
        assertThat(sizes.channels()).hasSize(1);
        assertThat(sizes.baselineBytes()).isZero();
        assertThat(sizes.checkpointBytes()).isEqualTo(CHECKPOINT);
        return sizes.channels().get(0);
    }

    private static PlanSizes sizes(String channels, String tensors) {
        return PlanSizes.of(
                PlanFormat.parse("{model: m, channels: [" + channels + "], tensors: [" + tensors + "]}"), LAYOUT);
    }
}
