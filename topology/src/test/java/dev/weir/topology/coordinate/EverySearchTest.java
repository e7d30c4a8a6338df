package dev.weir.topology.coordinate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.SearchSpec;
import dev.weir.operators.merge.Searches;
import dev.weir.schemas.record.Combination;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every search of the catalogue ends, and asks and chooses the same whenever the coordinator dies and in whatever order scores come. */
final class EverySearchTest {
    private static final Map<String, String> SMALL = Map.of("models", "4", "population", "4", "generations", "3");

    @TestFactory
    Stream<DynamicTest> restartsAndTheOrderOfScoresChangeNoCombination() {
        return Searches.all().stream()
                .map(spec -> DynamicTest.dynamicTest(spec.name(), () -> {
                    List<Combination> undisturbed = searched(spec, null);
                    assertThat(undisturbed.getLast().getChosen()).isTrue();
                    for (int seed = 0; seed < 10; seed++) {
                        assertThat(searched(spec, new SplittableRandom(seed)))
                                .as("seed %d", seed)
                                .isEqualTo(undisturbed);
                    }
                }));
    }

    /** All that a search has asked and chosen; without a source of disturbance, its candidates are scored in their order. */
    private static List<Combination> searched(SearchSpec spec, @Nullable SplittableRandom disturbing) {
        Map<String, String> settings = new TreeMap<>(Map.of("score", "score"));
        spec.settings().forEach(setting -> {
            if (SMALL.containsKey(setting.name())) {
                settings.put(setting.name(), SMALL.get(setting.name()));
            }
        });
        String json = settings.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining(", ", "{", "}"));
        Acks acks = new Acks()
                .propose("{model: m, channels: [{name: s, operator: " + spec.name() + ", settings: " + json + "}]}");
        int models = spec.create(settings).search().models();
        for (int model = 1; model <= models; model++) {
            acks.opened("r" + model, 1).complete("r" + model, 1, 10L * model, model);
        }
        int scored = 0;
        while (!acks.combinations().getLast().getChosen()) {
            assertThat(acks.combinations().size()).as("candidates to score").isGreaterThan(scored);
            List<Combination> open = new ArrayList<>(
                    acks.combinations().subList(scored, acks.combinations().size()));
            scored += open.size();
            if (disturbing != null) {
                Collections.shuffle(open, new Random(disturbing.nextLong()));
            }
            for (Combination candidate : open) {
                if (disturbing != null && disturbing.nextInt(3) == 0) {
                    acks.restart();
                }
                double score = (candidate.getUpdate().getCoefficients().hashCode() & 0xffff) / 65_536.0;
                acks.score("s@candidates", candidate.getUpdate().getVersion(), "score", score);
            }
        }
        assertThat(acks.dropped()).isEmpty();
        return List.copyOf(acks.combinations());
    }
}
