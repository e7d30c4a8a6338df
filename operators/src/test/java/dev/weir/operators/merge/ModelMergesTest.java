package dev.weir.operators.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.schemas.tensor.Dtype;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What each merge of several models keeps beside the contract. */
final class ModelMergesTest {
    private static final long SEED = 20_261_127;

    @Test
    @DisplayName("B2 greedy-soup: a constant score adds nothing under >, everything under >=")
    void b2TiesAreRejectedOrAccepted() {
        double[] strict = row("greedy-soup", Map.of("scores", "1,1,1", "soup-scores", "1,1"), 3);
        double[] ties = row("diwa-greedy", Map.of("scores", "1,1,1", "soup-scores", "1,1"), 3);
        assertThat(strict).containsExactly(1, 0, 0);
        assertThat(ties).containsExactly(new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0}, within(1e-15));
    }

    @Test
    @DisplayName("B2 greedy-soup: goes by descending scores, and gives the next soup to be scored until all are tried")
    void b2GivesTheNextSoupToBeScored() {
        Map<String, String> scores = Map.of("scores", "0.7,0.9,0.8");
        assertThat(row("greedy-soup", scores, 3)).containsExactly(0, 0.5, 0.5);
        assertThat(row("greedy-soup", with(scores, "soup-scores", "0.85"), 3)).containsExactly(0.5, 0.5, 0);
        assertThat(row("greedy-soup", with(scores, "soup-scores", "0.85,0.91"), 3))
                .containsExactly(0.5, 0.5, 0);
        assertThat(row("greedy-soup", with(scores, "soup-scores", "0.85,0.89"), 3))
                .containsExactly(0, 1, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> row("greedy-soup", with(scores, "soup-scores", "1,2,3"), 3))
                .withMessageContaining("2 at most");
    }

    @Test
    @DisplayName("B2 greedy-soup: its score never falls below the best single model's")
    void b2NeverFallsBelowTheBestModel() {
        Random random = new Random(SEED);
        int better = 0;
        for (int round = 0; round < 100; round++) {
            // Of one element; the score is how near to 0 a model is.
            double[] models = random.doubles(6, -1, 1).toArray();
            double[] quality =
                    Arrays.stream(models).map(model -> -Math.abs(model)).toArray();
            double best = Arrays.stream(quality).max().orElseThrow();
            double[] tried = {};
            Coefficients soup = greedy(quality, tried);
            while (Objects.equals(soup.counts().get("to-be-scored"), 1L)) {
                tried = Arrays.copyOf(tried, tried.length + 1);
                tried[tried.length - 1] = -Math.abs(dot(soup.of(0), models));
                soup = greedy(quality, tried);
            }
            long improved = 0;
            double trace = best;
            for (double score : tried) {
                improved += score > trace ? 1 : 0;
                trace = Math.max(trace, score);
            }
            double score = -Math.abs(dot(soup.of(0), models));
            assertThat(tried).hasSize(5);
            assertThat(soup.counts()).containsEntry("models-in-soup", 1 + improved);
            assertThat(score)
                    .as("seed %d round %d", SEED, round)
                    .isEqualTo(trace)
                    .isGreaterThanOrEqualTo(best);
            better += score > best ? 1 : 0;
        }
        assertThat(better).as("soups that are better than their best model").isGreaterThan(50);
    }

    private static Coefficients greedy(double[] quality, double[] tried) {
        Map<String, String> scores = Map.of("scores", text(quality));
        LinearMerge merge = (LinearMerge)
                Vectors.create("greedy-soup", tried.length == 0 ? scores : with(scores, "soup-scores", text(tried)));
        return merge.coefficients(new Models(quality.length, List.of(), List.of("w"), List.of()));
    }

    @Test
    @DisplayName("B3 learned-soup: equal logits are the uniform soup, and every layer has coefficients of its own")
    void b3SoftmaxOfTheLogits() {
        assertThat(row("learned-soup", Map.of(), 4)).containsExactly(0.25, 0.25, 0.25, 0.25);
        Map<String, ?> logits = Map.of("logits", "head*:0/1,*:0/0", "temperature", 2);
        double[] head = Vectors.row(Vectors.create("learned-soup", logits), 2, "head.weight");
        assertThat(head).containsExactly(new double[] {1 / (1 + Math.exp(2)), 1 / (1 + Math.exp(-2))}, within(1e-15));
        assertThat(Vectors.row(Vectors.create("learned-soup", logits), 2, "body"))
                .containsExactly(0.5, 0.5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> row("learned-soup", logits, 3))
                .withMessageContaining("head* has 2 numbers; allowed: 3");
    }

    @Test
    @DisplayName("B8 wise-ft: its ends are bit for bit the models, and it is linear between")
    void b8EndsAndLine() {
        double[][] m = models(2, 100);
        assertThat(Vectors.f64(Vectors.create("wise-ft", Map.of("alpha", 0)), m))
                .isEqualTo(m[0]);
        assertThat(Vectors.f64(Vectors.create("wise-ft", Map.of("alpha", 1)), m))
                .isEqualTo(m[1]);
        double[] quarter = Vectors.f64(Vectors.create("wise-ft", Map.of("alpha", 0.25)), m);
        double[] swapped = Vectors.f64(Vectors.create("wise-ft", Map.of("alpha", 0.75)), m[1], m[0]);
        for (int i = 0; i < 100; i++) {
            assertThat(quarter[i]).isCloseTo(0.75 * m[0][i] + 0.25 * m[1][i], within(1e-15));
            assertThat(swapped[i]).isCloseTo(quarter[i], within(1e-15));
        }
    }

    @Test
    @DisplayName("B8 wise-ft-fisher: equal importances are plain, large ones win, and zeros are floored")
    void b8Importances() {
        Merge merge = Vectors.create("wise-ft-fisher", Map.of());
        List<double[]> models = List.of(of(0, 0, 0), of(1, 1, 1));
        assertThat(Vectors.weighed(merge, models, List.of(of(2, 1, 0), of(2, 3, 0))))
                .containsExactly(of(0.5, 0.75, 0.5), within(1e-15));
    }

    @Test
    @DisplayName("B9 fisher-bcwi: equal importances are BCWI, whatever their scale; zeros of both too")
    void b9EqualImportancesAreBcwi() {
        Merge merge = Vectors.create("fisher-bcwi", Map.of("new-weight", 0.25));
        List<double[]> models = List.of(of(1, 2, 3), of(5, 6, 7));
        assertThat(Vectors.weighed(merge, models, List.of(of(1, 2, 3), of(1e-6, 2e-6, 3e-6))))
                .containsExactly(of(2, 3, 4), within(1e-14));
        assertThat(Vectors.weighed(merge, models, List.of(of(0, 2, 4), of(0, 2, 4))))
                .containsExactly(of(2, 3, 4), within(1e-14));
    }

    @Test
    @DisplayName("B9 fisher-bcwi: is the mode of the product of the two posteriors")
    void b9IsTheModeOfTheProduct() {
        Random random = new Random(SEED);
        double w = 0.3;
        for (int round = 0; round < 200; round++) {
            List<double[]> models = List.of(draw(random, 4, -1), draw(random, 4, -1));
            List<double[]> fishers = List.of(draw(random, 4, 0), draw(random, 4, 0));
            double[] merged = Vectors.weighed(Vectors.create("fisher-bcwi", Map.of("new-weight", w)), models, fishers);
            for (int i = 0; i < 4; i++) {
                double old = fishers.get(0)[i] / (Arrays.stream(fishers.get(0)).sum() / 4);
                double young =
                        fishers.get(1)[i] / (Arrays.stream(fishers.get(1)).sum() / 4);
                double slope =
                        (1 - w) * old * (merged[i] - models.get(0)[i]) + w * young * (merged[i] - models.get(1)[i]);
                assertThat(slope).as("seed %d round %d", SEED, round).isCloseTo(0, within(1e-12));
            }
        }
    }

    @Test
    @DisplayName("B9 soup-bcwi: with one new model it is BCWI, at its ends the old and the mean of the new ones")
    void b9SoupWithOneModelIsBcwi() {
        Merge merge = Vectors.create("soup-bcwi", Map.of("new-weight", 0.25));
        assertThat(Vectors.f64(merge, of(8), of(4))).containsExactly(7);
        assertThat(Vectors.f64(Vectors.create("soup-bcwi", Map.of("new-weight", 0)), of(8), of(4), of(2)))
                .containsExactly(8);
        assertThat(Vectors.f64(Vectors.create("soup-bcwi", Map.of("new-weight", 1)), of(8), of(4), of(2)))
                .containsExactly(3);
    }

    @Test
    @DisplayName("B14 swamp: with as many checkpoints in each particle the two-level mean is the flat one")
    void b14TheTwoLevelMeanIsTheFlatOne() {
        double[][] m = models(6, 40);
        double[] first = Vectors.f64(Vectors.create("lcsc", Map.of()), m[0], m[1], m[2]);
        double[] second = Vectors.f64(Vectors.create("lcsc", Map.of()), m[3], m[4], m[5]);
        assertThat(Vectors.f64(Vectors.create("swamp", Map.of()), first, second))
                .containsExactly(Vectors.f64(Vectors.create("lcsc", Map.of()), m), within(1e-15));
        double[] four = Vectors.f64(Vectors.create("lcsc", Map.of()), m[3], m[4], m[5], m[5]);
        double[] weighed = Vectors.f64(Vectors.create("swamp", Map.of("counts", "3,4")), first, four);
        double[] flat = Vectors.f64(Vectors.create("lcsc", Map.of()), m[0], m[1], m[2], m[3], m[4], m[5], m[5]);
        assertThat(weighed).containsExactly(flat, within(1e-15));
    }

    @Test
    @DisplayName("B14 swamp: pruning a fifth of what is left in each round keeps 0.8^r")
    void b14EachRoundPrunesAShareOfWhatIsLeft() {
        double[] sparsities = {0.2, 0.36, 0.488};
        long left = 1_000;
        for (int round = 1; round <= 3; round++) {
            double sparsity = 1 - Math.pow(1 - 0.2, round);
            assertThat(sparsity).isCloseTo(sparsities[round - 1], within(1e-15));
            LinearMerge merge = (LinearMerge) Vectors.create("swamp", Map.of("sparsity", sparsities[round - 1]));
            left -= left / 5;
            assertThat(merge.pruning().kept(1_000)).as("round %d", round).isEqualTo(left);
        }
        assertThat(left).isEqualTo(512);
    }

    @Test
    @DisplayName("B16 rws: a signature is perpendicular to the standard direction and counts once")
    void b16SignaturesArePerpendicularAndCountOnce() {
        double[][] m = models(4, 60);
        double[] zero = new double[60];
        double[] patched = Vectors.f64(Vectors.create("rws", Map.of()), m[0], m[1], m[2], zero);
        double[] half = Vectors.f64(Vectors.create("rws", Map.of("alpha", 0.5)), m[0], m[1], m[2], zero);
        assertThat(dot(patched, minus(m[1], m[0]))).isCloseTo(0, within(1e-12));
        for (int i = 0; i < 60; i++) {
            assertThat(half[i]).as("a quarter if it counted twice").isCloseTo(0.5 * patched[i], within(1e-14));
        }
    }

    @Test
    @DisplayName("B16 rws: of two robust models each signature counts alpha / 2, once")
    void b16TwoSignaturesShareTheCoefficient() {
        double[] base = of(1, 1, 1);
        double[] standard = of(2, 3, 3);
        double[] first = of(10, 1, 1);
        double[] second = of(1, 10, 1);
        double[] target = of(5, -7, 0.5);
        // a = (1, 2, 2). First: (9, 0, 0) - 9 / 9 a = (8, -2, -2). Second: (0, 9, 0) - 18 / 9 a = (-2, 5, -4).
        // Their sum is (6, 3, -6). With (alpha / 2)^2, alpha = 1 would add a quarter of it.
        assertThat(Vectors.f64(Vectors.create("rws", Map.of("alpha", 1)), base, standard, first, second, target))
                .containsExactly(of(5 + 3, -7 + 1.5, 0.5 - 3), within(1e-14));
        assertThat(Vectors.f64(Vectors.create("rws", Map.of("alpha", 0.5)), base, standard, first, second, target))
                .containsExactly(of(5 + 1.5, -7 + 0.75, 0.5 - 1.5), within(1e-14));
    }

    @Test
    @DisplayName("B16 rws: the signature of a signature is the signature")
    void b16TheProjectionIsIdempotent() {
        double[][] m = models(3, 60);
        double[] zero = new double[60];
        Merge merge = Vectors.create("rws", Map.of());
        double[] signature = Vectors.f64(merge, m[0], m[1], m[2], zero);
        double[] robust = minus(m[0], minus(zero, signature));
        assertThat(Vectors.f64(merge, m[0], m[1], robust, zero)).containsExactly(signature, within(1e-14));
    }

    @Test
    @DisplayName("B16 rws: what was added can be taken away, and other layers are the target's")
    void b16AddsAndTakesAway() {
        double[][] m = models(4, 60);
        double[] added = Vectors.f64(Vectors.create("rws", Map.of()), m[0], m[1], m[2], m[3]);
        double[] restored = Vectors.f64(Vectors.create("rws", Map.of("alpha", -1)), m[0], m[1], m[2], added);
        assertThat(restored).containsExactly(m[3], within(1e-14));
        assertThat(Vectors.f64(Vectors.create("rws", Map.of("layers", "conv*")), m[0], m[1], m[2], m[3]))
                .isEqualTo(m[3]);
        double[] still = Vectors.f64(Vectors.create("rws", Map.of()), of(1, 1), of(1, 1), of(3, 5), of(0, 0));
        assertThat(still).as("no standard direction: r = b").containsExactly(2, 4);
    }

    @Test
    @DisplayName("B18 layer-wise: no layer is A, all layers are plain interpolation, the rest stays A's")
    void b18LayersByName() {
        Merge merge = Vectors.create("layer-wise", Map.of("layers", "conv*:0.25,fc:1"));
        assertThat(Vectors.row(merge, 2, "conv1")).containsExactly(0.75, 0.25);
        assertThat(Vectors.row(merge, 2, "fc")).containsExactly(0, 1);
        assertThat(Vectors.row(merge, 2, "head")).containsExactly(1, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vectors.create("layer-wise", Map.of("layers", "conv*:1.5")))
                .withMessageContaining("setting layers: conv*:1.5 is not allowed; allowed: numbers from 0.0 to 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vectors.create("layer-wise", Map.of("layers", "conv")))
                .withMessageContaining("conv is not PATTERN:NUMBER");
    }

    @Test
    @DisplayName("B18 layer-wise: two groups together move what each moves by itself")
    void b18GroupsAdd() {
        Merge both = Vectors.create("layer-wise", Map.of("layers", "conv*:0.25,fc:0.75"));
        Merge conv = Vectors.create("layer-wise", Map.of("layers", "conv*:0.25"));
        Merge fc = Vectors.create("layer-wise", Map.of("layers", "fc:0.75"));
        for (String tensor : List.of("conv1", "conv2", "fc", "head")) {
            double[] together = Vectors.row(both, 3, tensor);
            double[] one = Vectors.row(conv, 3, tensor);
            double[] other = Vectors.row(fc, 3, tensor);
            assertThat(together[0] - 1).as(tensor).isEqualTo((one[0] - 1) + (other[0] - 1));
            assertThat(together[1]).as(tensor).isEqualTo(one[1] + other[1]);
            assertThat(together[2]).as(tensor).isEqualTo(one[2] + other[2]);
        }
    }

    @Test
    @DisplayName("B19 wemoe: the base and its dictionary give back each expert, bit for bit")
    void b19TheDictionaryGivesBackEachExpert() {
        double[][] m = models(4, 50);
        for (int expert = 1; expert < 4; expert++) {
            String routing = (expert == 1 ? 1 : 0) + "," + (expert == 2 ? 1 : 0) + "," + (expert == 3 ? 1 : 0);
            Merge merge = Vectors.create("wemoe", Map.of("mlp", "w", "routing", routing));
            assertThat(Vectors.f64(merge, m)).isEqualTo(m[expert]);
        }
    }

    @Test
    @DisplayName("B19 wemoe: constant routing of lambda is task arithmetic, and of 1 with one model that model")
    void b19ConstantRouting() {
        Merge merge = Vectors.create("wemoe", Map.of("lambda", 0.2, "routing", "0.2,0.2"));
        assertThat(Vectors.row(merge, 3, "a.mlp.b")).containsExactly(Vectors.row(merge, 3, "attention"), within(1e-15));
        assertThat(Vectors.row(Vectors.create("wemoe", Map.of()), 3, "a.mlp.b"))
                .as("without routers the base's")
                .containsExactly(1, 0, 0);
        assertThat(Vectors.row(Vectors.create("wemoe", Map.of("routing", "1", "lambda", 1)), 2, "a.mlp"))
                .containsExactly(0, 1);
    }

    @Test
    @DisplayName("B20 tinting: 0 is the base, 1 with one model that model, and what is outside is clamped and counted")
    void b20Clamps() {
        assertThat(row("tinting", Map.of("lambda", 0), 3)).containsExactly(1, 0, 0);
        assertThat(row("tinting", Map.of("lambda", 1), 2)).containsExactly(0, 1);
        LinearMerge merge = (LinearMerge) Vectors.create("tinting", Map.of("layers", "*:-0.5/1.5"));
        Coefficients made = merge.coefficients(new Models(3, List.of(), List.of("w"), List.of()));
        assertThat(made.of(0)).containsExactly(0, 0, 1);
        assertThat(made.counts()).containsEntry("clamped-coefficients", 2L);
    }

    @Test
    @DisplayName("B21 moerging: the best expert alone comes out bit for bit; softmax weighs by score")
    void b21TheBestExpert() {
        double[][] m = models(3, 30);
        assertThat(Vectors.f64(Vectors.create("moerging", Map.of("scores", "1,3,2")), m))
                .isEqualTo(m[1]);
        Map<String, ?> soft = Map.of("scores", "1,3,2", "top", 2, "softmax", true);
        assertThat(row("moerging", soft, 3))
                .containsExactly(new double[] {0, 1 / (1 + Math.exp(-1)), 1 / (1 + Math.exp(1))}, within(1e-15));
    }

    @Test
    @DisplayName("B22 moe-reduction: one machine is the identity")
    void b22OneMachine() {
        assertThat(row("moe-reduction", Map.of(), 1)).containsExactly(1);
        assertThat(row("moe-reduction", Map.of("examples", "30,10"), 2)).containsExactly(0.75, 0.25);
    }

    @Test
    @DisplayName("K4: partials of chunks are added in their order, and nearby models do not cancel")
    void k4NearbyModelsDoNotCancel() {
        double[] base = new double[100];
        Arrays.fill(base, 1e6);
        double[] near = base.clone();
        near[7] += 3.0 / 1024;
        Gram gram = Gram.zero(2);
        gram.add(
                dev.weir.operators.kernel.Kernel.create(),
                List.of(Vectors.bytes(base, Dtype.F64), Vectors.bytes(near, Dtype.F64)),
                Dtype.F64,
                100,
                Gram.memory(2));
        assertThat(gram.norm(1)).isEqualTo(3.0 / 1024);
        assertThat(gram.plus(gram).dot(1, 1)).isEqualTo(2 * gram.dot(1, 1));
    }

    private static double[] row(String name, Map<String, ?> settings, int count) {
        return Vectors.row(Vectors.create(name, settings), count, "w");
    }

    private static Map<String, String> with(Map<String, String> settings, String name, String value) {
        Map<String, String> more = new java.util.HashMap<>(settings);
        more.put(name, value);
        return more;
    }

    private static String text(double[] numbers) {
        return DoubleStream.of(numbers).mapToObj(String::valueOf).collect(java.util.stream.Collectors.joining(","));
    }

    private static double[][] models(int count, int elements) {
        Random random = new Random(SEED);
        double[][] models = new double[count][];
        for (int i = 0; i < count; i++) {
            models[i] = draw(random, elements, -1);
        }
        return models;
    }

    private static double[] draw(Random random, int elements, double low) {
        return random.doubles(elements, low, 1).toArray();
    }

    private static double[] minus(double[] a, double[] b) {
        double[] out = a.clone();
        for (int i = 0; i < out.length; i++) {
            out[i] -= b[i];
        }
        return out;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[] of(double... values) {
        return values;
    }
}
