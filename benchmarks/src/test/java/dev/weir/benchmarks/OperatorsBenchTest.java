package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OperatorsBenchTest {

    @Test
    void theRatioIsTheMedianOfTheRoundsOverTriadInEach() {
        ObjectNode report = OperatorsBench.report(List.of(round(9, 10), round(6, 10), round(10, 10)))
                .json("operators");

        assertThat(report.path("ratio").asDouble()).isEqualTo(0.9);
        assertThat(report.path("goal").asDouble()).isEqualTo(0.8);
        assertThat(report.path("met").asBoolean()).isTrue();
        assertThat(report.path("rounds").asInt()).isEqualTo(3);
        assertThat(report.path("parts").path("triad").path("median").asDouble()).isEqualTo(10);
    }

    @Test
    void belowTheGoalIsNotMet() {
        assertThat(OperatorsBench.report(List.of(round(7.9, 10))).met()).isFalse();
    }

    @Test
    void fourDecaysAreComparedByTheTimeOfAChunk() {
        Map<Traffic, Double> slow = new EnumMap<>(round(10, 10));
        slow.put(Traffic.FOUR_EMAS_BF16, 30.0);

        ObjectNode report = OperatorsBench.report(List.of(slow)).json("operators");

        assertThat(report.path("parts").path("fourOverOneF32").path("median").asDouble())
                .isEqualTo(1.5);
        assertThat(report.path("parts").path("fourOverOneBf16").path("median").asDouble())
                .isEqualTo(2.2667);
        assertThat(report.path("met").asBoolean()).isFalse();
    }

    @Test
    void besideFourDecaysStandTheirBytes() {
        ObjectNode report = OperatorsBench.report(List.of(round(10, 10))).json("operators");

        assertThat(report.path("parts").path("references")).hasSize(2);
        assertThat(report.path("parts").path("references").path(0).path("ratio").asDouble())
                .isEqualTo(3);
        assertThat(report.path("parts").path("references").path(1).path("ratio").asDouble())
                .isEqualTo(3.4);
    }

    @Test
    void twoCheckpointsAPassAreComparedByTheTimeOfOneOfThem() {
        Map<Traffic, Double> round = round(10, 10);
        round.put(Traffic.EMA_F32_TWICE, 8.0);

        ObjectNode report = OperatorsBench.report(List.of(round)).json("operators");

        assertThat(report.path("parts")
                        .path("twoAPassOverOneF32")
                        .path("median")
                        .asDouble())
                .as("8 bytes at 8 over 12 bytes at 10")
                .isEqualTo(0.8333);
    }

    @Test
    void aPeerThatWasNotBuiltIsSaidToBeAbsent() {
        Map<Traffic, Double> without = new EnumMap<>(round(10, 10));
        without.remove(Traffic.ND4J);

        ObjectNode report = OperatorsBench.report(List.of(without)).json("operators");

        assertThat(report.path("parts").path("nd4jMuliAxpy").asText()).contains("-Pnd4j");
    }

    @Test
    void aPartThatWasNotMeasuredIsNamed() {
        assertThatThrownBy(() -> OperatorsBench.report(List.of(Map.of(Traffic.COPY, 1.0, Traffic.TRIAD, 1.0))))
                .hasMessage("benchmark emaF32: was not measured");
    }

    @Test
    void bytesAreCountedByElement() {
        assertThat(Traffic.of("emaF32").gigabytes(1e9)).isEqualTo(12.0 * KernelBenchmark.ELEMENTS);
    }

    @Test
    void aSpreadsQuantilesLieBetweenNeighbours() {
        Spread spread = new Spread(List.of(4.0, 1.0, 2.0, 3.0), "ms");

        assertThat(spread.median()).isEqualTo(2.5);
        assertThat(spread.quantile(0)).isEqualTo(1);
        assertThat(spread.quantile(1)).isEqualTo(4);
    }

    private static Map<Traffic, Double> round(double ema, double triad) {
        Map<Traffic, Double> parts = new EnumMap<>(Traffic.class);
        for (Traffic part : Traffic.values()) {
            parts.put(part, 20.0);
        }
        parts.put(Traffic.EMA_F32, ema);
        parts.put(Traffic.FOUR_EMAS_F32, 2 * ema);
        parts.put(Traffic.FOUR_EMAS_BF16, 45.0);
        parts.put(Traffic.TRIAD, triad);
        return parts;
    }
}
