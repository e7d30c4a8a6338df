package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.bench.Goal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MergeBenchTest {
    private static final Map<MergeSide, Double> ROUND =
            Map.of(MergeSide.MERGE, 2.0, MergeSide.COMMAND, 3.0, MergeSide.LIMIT, 1.0);

    @Test
    void aRatioIsTheOtherSidesTimeOverTheMerges() {
        Map<MergeSide, Double> round = new java.util.EnumMap<>(ROUND);
        round.put(MergeSide.NUMPY, 4.0);

        List<Goal> goals = MergeBench.report(List.of(round, round), 4).goals();

        assertThat(goals).extracting(Goal::ratio).containsExactly(0.5, 2.0);
        assertThat(goals).extracting(Goal::met).containsExactly(false, true);
    }

    @Test
    void withoutNumPyOneGoalIsLeftAndItIsReportedAsAbsent() {
        ObjectNode report = MergeBench.report(List.of(ROUND), 4).json("merge");

        assertThat(report.path("parts").path("goals")).hasSize(1);
        assertThat(report.path("parts").path("numpy").asText()).isEqualTo("absent");
    }
}
