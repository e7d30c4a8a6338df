package dev.weir.operators.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.Checkpoint;
import dev.weir.operators.Progress;
import dev.weir.operators.SearchChannel;
import dev.weir.operators.SearchSpec;
import dev.weir.operators.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Searches with scores as functions of the coefficients. */
final class SearchesTest {
    private static final List<String> TENSORS = List.of("0.bias", "0.weight", "2.bias", "2.weight");

    @Test
    @DisplayName("B2 greedy-soup-search: the soup is that of the offline merge with the same scores")
    void greedySoup() {
        Map<List<Double>, Double> scores = Map.of(
                List.of(1.0, 0.0, 0.0, 0.0), 0.7,
                List.of(0.0, 1.0, 0.0, 0.0), 0.9,
                List.of(0.0, 0.0, 1.0, 0.0), 0.8,
                List.of(0.0, 0.0, 0.0, 1.0), 0.6,
                List.of(0.0, 0.5, 0.5, 0.0), 0.9,
                List.of(0.5, 0.5, 0.0, 0.0), 0.95,
                List.of(1 / 3.0, 1 / 3.0, 0.0, 1 / 3.0), 0.94);
        Run run = run("greedy-soup-search", Map.of("models", 4), flat -> scores.get(flat));
        assertThat(run.asked).hasSize(7);
        Coefficients offline =
                new GreedySoup(List.of(0.7, 0.9, 0.8, 0.6), List.of(0.9, 0.95, 0.94), false).coefficients(models(4));
        assertThat(run.chosen).isEqualTo(offline.flat()).containsExactly(0.5, 0.5, 0.0, 0.0);
        assertThat(run.reason).isEqualTo("2 of 4 models");
    }

    @Test
    @DisplayName("B2, B4: with a constant score nothing is accepted under > and everything under >=")
    void ties() {
        assertThat(run("greedy-soup-search", Map.of("models", 3), flat -> 1).chosen)
                .containsExactly(1.0, 0.0, 0.0);
        assertThat(run("diwa-search", Map.of("models", 3), flat -> 1).chosen)
                .containsExactly(1 / 3.0, 1 / 3.0, 1 / 3.0);
    }

    @Test
    @DisplayName("B2 greedy-soup-search: the lowest score is the best where that is said")
    void lowest() {
        List<Double> chosen = run(
                        "greedy-soup-search",
                        Map.of("models", 3, "best", "lowest"),
                        flat -> Math.abs(flat.get(0) + 2 * flat.get(1) + 3 * flat.get(2) - 3))
                .chosen;
        assertThat(chosen).containsExactly(0.0, 0.0, 1.0);
    }

    @Test
    @DisplayName("B4 diwa-search: a run is one of the models once, and again in the next round")
    void oncePerRun() {
        SearchChannel diwa = spec("diwa-search").create(Map.of("models", 2));
        Step first = diwa.step(Progress.START, new Checkpoint(1, "a", 1));
        assertThat(first.coefficients()).containsExactly(0.0);
        Step again = diwa.step(first.next(), new Checkpoint(2, "a", 2));
        assertThat(again.enters()).isFalse();
        Step second = diwa.step(again.next(), new Checkpoint(3, "b", 1));
        assertThat(second.coefficients()).containsExactly(1.0);
        assertThat(diwa.full(second.next())).isTrue();
        assertThat(diwa.step(second.next(), new Checkpoint(4, "c", 1)).enters()).isFalse();
        assertThat(diwa.step(diwa.begun(second.next()), new Checkpoint(5, "a", 3))
                        .coefficients())
                .containsExactly(0.0);
    }

    @Test
    @DisplayName("A11 swad-search: on a V-shaped loss the window is that of the rule; on a falling one it never ends")
    void swad() {
        double[] losses = {5, 4, 3, 2, 1, 2, 3, 4, 5, 6, 7, 8};
        Run run = run("swad-search", Map.of("models", 12), flat -> losses[flat.indexOf(1.0)]);
        Coefficients offline = new Swad(Arrays.stream(losses).boxed().toList(), 1, 3, 6, 1.3).coefficients(models(12));
        assertThat(run.chosen).isEqualTo(offline.flat());
        assertThat(run.reason).isEqualTo("2 of 12 segments");
        assertThat(run("swad-search", Map.of("models", 4), flat -> 9 - flat.indexOf(1.0)).reason)
                .startsWith("not converged");
    }

    @Test
    @DisplayName("A11 swad-search: a segment of three checkpoints is scored, and enters, as their mean")
    void swadOverSegments() {
        double[] losses = {3, 1, 2, 2.5};
        Run run = run("swad-search", Map.of("models", 4, "segment", 3), flat -> losses[flat.indexOf(1 / 3.0) / 3]);
        assertThat(run.asked).hasSize(4).allSatisfy(flat -> {
            int from = flat.indexOf(1 / 3.0);
            assertThat(flat).hasSize(12);
            assertThat(flat.subList(from, from + 3)).containsOnly(1 / 3.0);
            assertThat(sum(flat)).isCloseTo(1, within(1e-15));
        });
        Coefficients offline = new Swad(Arrays.stream(losses).boxed().toList(), 3, 3, 6, 1.3).coefficients(models(12));
        assertThat(run.chosen).isEqualTo(offline.flat());
        assertThat(run.chosen.subList(0, 3)).containsOnly(0.0);
        assertThat(run.chosen.subList(3, 12)).containsOnly(1 / 9.0);
        assertThat(spec("swad-search")
                        .create(Map.of("models", 4, "segment", 3))
                        .search()
                        .models())
                .as("checkpoints that are held")
                .isEqualTo(12);
    }

    @Test
    @DisplayName("A10 lcsc-search: coefficients sum to 1, may be negative, and come close to the best there are")
    void lcsc() {
        double[] best = {1.6, -0.9, 0.3};
        Map<String, Object> settings = Map.of("models", 3, "population", 20, "generations", 15, "spread", 1, "seed", 5);
        Run run = run("lcsc-search", settings, flat -> distance(flat, best));
        assertThat(run.asked)
                .hasSize(300)
                .allSatisfy(flat -> assertThat(sum(flat)).isCloseTo(1, within(1e-12)));
        assertThat(run.asked.getFirst()).allSatisfy(one -> assertThat(one).isCloseTo(1 / 3.0, within(1e-15)));
        assertThat(distance(run.chosen, best)).isLessThan(0.1);
        assertThat(run("lcsc-search", settings, flat -> distance(flat, best)).asked)
                .as("the same scores ask for the same")
                .isEqualTo(run.asked);
    }

    @Test
    @DisplayName("B3 learned-soup-search: each layer has coefficients of its own, the uniform soup comes first")
    void learnedSoup() {
        Run run = run(
                "learned-soup-search",
                Map.of("models", 2, "population", 20, "generations", 12, "seed", 3),
                flat -> flat.size() == 2 ? 0 : flat.get(0) - flat.get(5));
        assertThat(run.asked.getFirst()).containsExactly(0.5, 0.5);
        assertThat(run.chosen).hasSize(8);
        assertThat(run.chosen.subList(0, 2)).isEqualTo(run.chosen.subList(2, 4));
        assertThat(run.chosen.get(0)).isGreaterThan(0.8);
        assertThat(run.chosen.get(4)).isGreaterThan(0.8);
    }

    @Test
    @DisplayName("B18 layer-wise-search: layers without a barrier are averaged, the others stay the first model's")
    void layerWise() {
        // Layer 0 is worse in between than at both ends, layer 2 is on the line.
        ToDoubleFunction<List<Double>> accuracy = flat -> {
            double first = flat.size() == 2 ? flat.get(1) : flat.get(1);
            double second = flat.size() == 2 ? flat.get(1) : flat.get(5);
            return 0.9 + 0.02 * second - 0.4 * first * (1 - first);
        };
        Run run = run("layer-wise-search", Map.of("barrier", 1e-9), accuracy);
        assertThat(run.asked).hasSize(5);
        assertThat(run.chosen).containsExactly(1.0, 0.0, 1.0, 0.0, 0.5, 0.5, 0.5, 0.5);
        assertThat(run.reason).isEqualTo("1 of 2 layers have no barrier");
        assertThat(run("layer-wise-search", Map.of(), flat -> 0.9).chosen).containsExactly(0.5, 0.5);
    }

    @Test
    @DisplayName("B2 greedy-soup-search: a model without a score is not tried, a soup without one is no improvement")
    void greedySoupWithoutScores() {
        Map<List<Double>, Double> scores = Map.of(
                List.of(1.0, 0.0, 0.0),
                0.7,
                List.of(0.0, 1.0, 0.0),
                Double.NaN,
                List.of(0.0, 0.0, 1.0),
                0.6,
                List.of(0.5, 0.0, 0.5),
                0.8);
        Run run = run("greedy-soup-search", Map.of("models", 3), flat -> scores.get(flat));
        assertThat(run.asked).hasSize(4);
        assertThat(run.chosen).containsExactly(0.5, 0.0, 0.5);
        assertThat(run.reason).isEqualTo("2 of 3 models, 1 without a score");
        Run alone = run("diwa-search", Map.of("models", 2), flat -> flat.contains(0.5) ? Double.NaN : 1);
        assertThat(alone.chosen).containsExactly(1.0, 0.0);
    }

    @Test
    @DisplayName("A11 swad-search: segments without a loss are none, the window is that of the others")
    void swadWithoutScores() {
        double[] losses = {5, 4, Double.NaN, 3, 2, 1, 2, 3, 4, Double.NaN, 5, 6, 7, 8};
        Run run = run("swad-search", Map.of("models", 14), flat -> losses[flat.indexOf(1.0)]);
        List<Double> others = Arrays.stream(losses)
                .filter(loss -> !Double.isNaN(loss))
                .boxed()
                .toList();
        List<Double> offline =
                new Swad(others, 1, 3, 6, 1.3).coefficients(models(12)).flat();
        assertThat(run.chosen.get(2) + run.chosen.get(9)).isZero();
        List<Double> window = new ArrayList<>(run.chosen);
        window.remove(9);
        window.remove(2);
        assertThat(window).isEqualTo(offline);
        assertThat(run.reason).isEqualTo("2 of 14 segments, 2 without a score");
    }

    @Test
    @DisplayName("A10, B3: what has no score is no parent while others have one, and is never chosen")
    void evolutionsWithoutScores() {
        for (String name : List.of("lcsc-search", "learned-soup-search")) {
            List<List<Double>> unscored = new ArrayList<>();
            Run run = run(
                    name, Map.of("models", 2, "population", 6, "generations", 4, "best", "lowest", "seed", 4), flat -> {
                        if (flat.get(0) < 0.45) {
                            unscored.add(flat);
                            return Double.NaN;
                        }
                        return flat.get(0);
                    });
            assertThat(unscored).as(name).isNotEmpty().doesNotContain(run.chosen);
            assertThat(run.reason).endsWith(", " + unscored.size() + " without a score");
            assertThat(run.asked).hasSize(24);
        }
    }

    @Test
    @DisplayName("B18 layer-wise-search: a layer that lacks a score is not averaged")
    void layerWiseWithoutScores() {
        List<Double> first = List.of(0.5, 0.5, 0.5, 0.5, 1.0, 0.0, 1.0, 0.0);
        Run run = run("layer-wise-search", Map.of(), flat -> flat.equals(first) ? Double.NaN : 0.9);
        assertThat(run.chosen).containsExactly(1.0, 0.0, 1.0, 0.0, 0.5, 0.5, 0.5, 0.5);
    }

    @Test
    @DisplayName("Searches end with what they begin from where nothing has a score")
    void nothingHasAScore() {
        assertThat(run("greedy-soup-search", Map.of("models", 3), flat -> Double.NaN).chosen)
                .containsExactly(1.0, 0.0, 0.0);
        assertThat(run("diwa-search", Map.of("models", 3), flat -> Double.NaN).chosen)
                .containsExactly(1.0, 0.0, 0.0);
        assertThat(run("swad-search", Map.of("models", 3), flat -> Double.NaN).chosen)
                .containsExactly(0.0, 0.0, 1.0);
        assertThat(run("layer-wise-search", Map.of(), flat -> Double.NaN).chosen)
                .containsExactly(1.0, 0.0);
        assertThat(run("lcsc-search", Map.of("models", 2, "population", 4, "generations", 2), flat -> Double.NaN)
                        .chosen)
                .containsExactly(0.5, 0.5);
    }

    private record Run(List<List<Double>> asked, List<Double> chosen, String reason) {}

    private static Run run(String name, Map<String, ?> settings, ToDoubleFunction<List<Double>> score) {
        Search search = spec(name).create(settings).search();
        List<List<Double>> asked = new ArrayList<>();
        List<Double> scores = new ArrayList<>();
        while (true) {
            switch (search.next(models(search.models()), List.copyOf(scores))) {
                case Search.Next.Candidates candidates ->
                    candidates.combinations().forEach(one -> {
                        asked.add(one.flat());
                        scores.add(score.applyAsDouble(one.flat()));
                    });
                case Search.Next.Chosen chosen -> {
                    return new Run(asked, chosen.combination().flat(), chosen.reason());
                }
            }
        }
    }

    private static SearchSpec spec(String name) {
        return Searches.all().stream()
                .filter(spec -> spec.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Models models(int count) {
        return new Models(count, List.of(), TENSORS, List.of());
    }

    private static double distance(List<Double> flat, double[] best) {
        double sum = 0;
        for (int i = 0; i < best.length; i++) {
            sum += (flat.get(i) - best[i]) * (flat.get(i) - best[i]);
        }
        return Math.sqrt(sum);
    }

    private static double sum(List<Double> flat) {
        return flat.stream().mapToDouble(Double::doubleValue).sum();
    }
}
