package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class BcwiTest {
    @Test
    void mixesTheNewModelIntoTheOld() {
        Operator bcwi = Operators.create("bcwi", Map.of("new-weight", 0.25));
        assertThat(Scalars.f64(bcwi, 8, 4)).containsExactly(8, 7);
    }

    @Test
    void aWeightOfZeroIsTheOldModelAndOfOneTheNew() {
        assertThat(Scalars.f32(Operators.create("bcwi", Map.of("new-weight", 0)), 0.1, 0.7)[1])
                .isEqualTo(0.1f);
        assertThat(Scalars.f32(Operators.create("bcwi", Map.of("new-weight", 1)), 0.1, 0.7)[1])
                .isEqualTo(0.7f);
    }

    @Test
    void repeatedOverReleasesItIsAnEma() {
        Operator bcwi = Operators.create("bcwi", Map.of("new-weight", 0.1));
        Operator ema = Operators.create("ema", Map.of("decay", 0.9));
        assertThat(Scalars.f64(bcwi, 1, 2, 3, 4)).containsExactly(Scalars.f64(ema, 1, 2, 3, 4), within(1e-15));
    }

    @Test
    void aSearchTriesTheGridWithBothEnds() {
        Bcwi search = (Bcwi) Operators.create("bcwi", Map.of("flip-budget", 15));
        assertThat(search.newWeights())
                .hasSize(21)
                .startsWith(0.0, 0.05, 0.1)
                .contains(0.6)
                .endsWith(0.95, 1.0);
        Bcwi coarse = (Bcwi) Operators.create("bcwi", Map.of("keep-accuracy", true, "grid", 0.3));
        assertThat(coarse.newWeights()).containsExactly(0.0, 0.3, 0.6, 0.9, 1.0);
    }

    @Test
    void aFixedWeightAndASearchExcludeEachOther() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.create("bcwi", Map.of("new-weight", 0.5, "flip-budget", 3)))
                .withMessageContaining("exclude each other");
    }
}
