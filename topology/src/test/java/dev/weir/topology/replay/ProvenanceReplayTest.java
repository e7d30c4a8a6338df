package dev.weir.topology.replay;

import static dev.weir.topology.replay.SmallModel.chunk;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replay lets in what the live average would have let in: the decisions say what the runs descend from. */
final class ProvenanceReplayTest {
    private static final Plan STEW = PlanFormat.parse("{model: m, channels: [{name: stew, operator: ratatouille}]}");
    private static final Map<String, String> VIT = Map.of("ancestor", "vit", "auxiliary", "cars", "target", "birds");

    private final RecordCodec codec =
            Registry.connect("mock://provenance-replay", Map.of()).codec();

    @TempDir
    private Path folder;

    @Test
    void runsOfAnotherAncestorPassByOnAnyNumberOfPartitions() throws Exception {
        Made one = run(log(1, true), false);
        assertThat(one.files()).containsOnlyKeys("stew 1", "stew 2");
        assertThat(one.manifest("stew 2").getIngredients())
                .extracting(Ingredient::getRun)
                .containsExactly("a", "d");
        assertThat(one.manifest("stew 2").getProvenance()).isEqualTo(Map.of("a", VIT, "d", VIT));
        run(log(3, true), false).assertSameFiles(one);
        run(log(2, false), false).assertSameFiles(one);
    }

    @Test
    void whereTheOpenIsGoneTheDecisionsStillSayIt() throws Exception {
        // In partition 0: plan and four opens, then chunks, an end and a decision for each checkpoint.
        Made left = run(log(1, true).cut(0, 3), true);
        run(log(1, true), false).assertSameFiles(left);
    }

    /** @param foreign whether two come between that may not enter */
    private SmallLog log(int partitions, boolean foreign) {
        SmallLog log = SmallModel.log(codec, partitions);
        List.of("a", "b", "c", "d").forEach(run -> log.open(run, 1, false));
        accept(log, "a", 1, VIT);
        if (foreign) {
            accept(log, "b", 2, Map.of("ancestor", "resnet"));
            accept(log, "c", 3, Map.of("ancestor", "vit", "auxiliary", "birds", "target", "birds"));
        }
        accept(log, "d", 4, VIT);
        return log;
    }

    private static void accept(SmallLog log, String run, int content, Map<String, String> provenance) {
        log.send(run, 1, 10, -1, number -> chunk(content, number), number -> false, List.of())
                .decide(run, 1, 10, List.of(), Verdict.COMMIT, provenance);
    }

    private Made run(SmallLog log, boolean fromRetained) throws Exception {
        return Made.of(log, log::consumer, 2, STEW, true, fromRetained, folder);
    }
}
