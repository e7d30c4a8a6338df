package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class SwaTest {
    @Test
    void isTheArithmeticMean() {
        Operator swa = Operators.create("swa", Map.of());
        assertThat(Scalars.f32(swa, 1, 2, 3, 4, 5, 6)).containsExactly(1, 1.5, 2, 2.5, 3, 3.5);
        assertThat(Scalars.f64(swa, 1, 2, 3, 4, 5, 6)).containsExactly(1, 1.5, 2, 2.5, 3, 3.5);
    }

    @Test
    void beginsAtItsStep() {
        Operator swa = Operators.create("swa", Map.of("from-step", 3));
        assertThat(Scalars.f64(swa, 100, 100, 1, 3)).containsExactly(1, 2);
    }

    @Test
    void takesOneInEvery() {
        Operator swa = Operators.create("swa", Map.of("every", 2));
        assertThat(Scalars.f64(swa, 1, 100, 3, 100, 5)).containsExactly(1, 2, 3);
    }

    @Test
    void doesNotStallWhereF32Would() {
        Operator swa = Operators.create("swa", Map.of());
        double[] stream = new double[100_000];
        for (int i = 0; i < stream.length; i++) {
            stream[i] = i % 2 == 0 ? 1.001f : 0.999f;
        }
        double[] means = Scalars.f32(swa, stream);
        assertThat(means[means.length - 1]).isEqualTo((double) (float) ((1.001f + 0.999f) / 2.0));
    }
}
