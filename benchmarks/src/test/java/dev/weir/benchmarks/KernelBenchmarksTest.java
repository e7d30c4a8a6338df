package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class KernelBenchmarksTest {

    @Test
    void theRatioIsTheMedianOfTheRoundsOverTheBetterLimitOfEach() {
        ObjectNode report = KernelBenchmarks.report(List.of(round(9, 10, 8), round(6, 8, 10), round(10, 10, 10)));

        assertThat(report.path("ratio").asDouble()).isEqualTo(0.9);
        assertThat(report.path("met").asBoolean()).isTrue();
        assertThat(report.path("rounds").toString()).isEqualTo("[0.9,0.6,1.0]");
        assertThat(report.path("parts").path("copy").asDouble()).isEqualTo(10);
    }

    @Test
    void belowTheGoalIsNotMet() {
        assertThat(KernelBenchmarks.report(List.of(round(8.9, 10, 10)))
                        .path("met")
                        .asBoolean())
                .isFalse();
    }

    @Test
    void aPartThatWasNotMeasuredIsNamed() {
        assertThatThrownBy(() -> KernelBenchmarks.report(List.of(Map.of(Traffic.COPY, 1.0, Traffic.TRIAD, 1.0))))
                .hasMessage("benchmark emaF32: was not measured");
    }

    @Test
    void bytesAreCountedByElement() {
        assertThat(Traffic.of("emaF32").gigabytes(1e9)).isEqualTo(12.0 * KernelBenchmark.ELEMENTS);
    }

    private static Map<Traffic, Double> round(double ema, double copy, double triad) {
        Map<Traffic, Double> parts = new EnumMap<>(Traffic.class);
        for (Traffic part : Traffic.values()) {
            parts.put(part, 1.0);
        }
        parts.put(Traffic.EMA_F32, ema);
        parts.put(Traffic.COPY, copy);
        parts.put(Traffic.TRIAD, triad);
        return parts;
    }
}
