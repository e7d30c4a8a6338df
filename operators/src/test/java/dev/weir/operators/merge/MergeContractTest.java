package dev.weir.operators.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.schemas.tensor.Dtype;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every merge of models keeps. One row an operator. */
final class MergeContractTest {
    private static final int ELEMENTS = 1021;
    private static final long SEED = 20_261_125;

    /** Of 1, 2, 3 and 10. */
    private static final double MEAN = 4;

    /** @param ofOneTwoThreeTen what it makes of 1, 2, 3 and 10, or of the first two where it takes two */
    private record Case(String id, String name, Map<String, ?> settings, double ofOneTwoThreeTen, boolean orderFree) {
        @Override
        public String toString() {
            return id + " " + name + settings;
        }

        Merge merge() {
            return Vectors.create(name, settings);
        }
    }

    /** The models 1, 2, 3 and 10 of one element have the mean 4; weights of the elements are all 1. */
    static Stream<Arguments> cases() {
        return rows().map(Arguments::of);
    }

    private static Stream<Case> rows() {
        return Stream.of(
                // By Gaussian elimination in a second program; before the division by their sum, 0.88 of it.
                new Case("A7", "post-hoc-ema", Map.of(), 12.503569378536074, false),
                new Case("A9", "schedule-free-x", Map.of("beta", 0.5), 0, false),
                new Case("A10", "lcsc", Map.of(), 4, true),
                new Case("A10", "lcsc", Map.of("coefficients", "2,-3,1"), 2 * 2 - 9 + 10 + 1, false),
                new Case("A11", "swad", Map.of("losses", "3,1,2,2"), 5, false),
                new Case("B2", "greedy-soup", Map.of("soup-scores", "1,2,1,3"), 13 / 3.0, false),
                new Case("B3", "learned-soup", Map.of(), 4, true),
                new Case("B3", "learned-soup", Map.of("logits", "*:0/0/0/1"), (6 + 10 * Math.E) / (3 + Math.E), false),
                new Case("B4", "diwa-greedy", Map.of("soup-scores", "1,1,0,1"), 13 / 3.0, false),
                new Case("B8", "wise-ft", Map.of(), 3, false),
                new Case("B8", "wise-ft-fisher", Map.of(), 3, false),
                new Case("B9", "soup-bcwi", Map.of("new-weight", 0.25), 2, false),
                new Case("B9", "fisher-bcwi", Map.of("new-weight", 0.25), 2, false),
                new Case("B14", "swamp", Map.of("counts", "1,1,1,3"), 6, false),
                // The signature 2 of the robust model 3 lies along the standard one: nothing is added to 10.
                new Case("B16", "rws", Map.of(), 10, false),
                new Case("B18", "layer-wise", Map.of(), 3, false),
                new Case("B19", "wemoe", Map.of(), 1 + 0.2 * 12, false),
                new Case("B20", "tinting", Map.of(), 1 + 0.3 * 12, false),
                new Case("B21", "moerging", Map.of("scores", "1,3,2,0", "top", 2), 2.5, false),
                new Case("B22", "moe-reduction", Map.of("examples", "1,0,0,3"), 7.75, false));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void differsFromTheUniformMeanByWhatItSays(Case operator) {
        List<double[]> models = pair(operator, List.of(of(1), of(2), of(3), of(10)));
        List<double[]> ones = Collections.nCopies(models.size(), of(1));
        double f64 = Vectors.merge(operator.merge(), Dtype.F64, models, ones)[0];
        double f32 = Vectors.merge(operator.merge(), Dtype.F32, models, ones)[0];
        assertThat(f64).isCloseTo(operator.ofOneTwoThreeTen(), within(1e-9));
        assertThat(f32).isCloseTo(operator.ofOneTwoThreeTen(), within(2e-6));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatAllModelsShareStaysWhatItIsToTheBit(Case operator) {
        for (Dtype dtype : List.of(Dtype.F64, Dtype.F32, Dtype.BF16, Dtype.F16, Dtype.F8_E4M3)) {
            double[] one = rounded(random(new Random(SEED)), dtype);
            List<double[]> models = pair(operator, Collections.nCopies(4, one));
            List<double[]> sides = pair(operator, sides());
            assertThat(Vectors.merge(operator.merge(), dtype, models, sides))
                    .as(dtype.label())
                    .isEqualTo(one);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theOrderIsOfNoAccountWhereThatIsClaimed(Case operator) {
        if (!operator.orderFree()) {
            return;
        }
        List<double[]> models = models();
        List<double[]> sides = sides();
        double[] forward = Vectors.merge(operator.merge(), Dtype.F32, models, sides);
        double[] backward = Vectors.merge(operator.merge(), Dtype.F32, models.reversed(), sides.reversed());
        assertThat(forward).containsExactly(backward, within(1e-6));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void chunksThatAreCutElsewhereGiveTheSameBits(Case operator) {
        Merge merge = operator.merge();
        if (!(merge instanceof LinearMerge linear)) {
            return;
        }
        List<double[]> models = pair(operator, models());
        var whole =
                models.stream().map(model -> Vectors.bytes(model, Dtype.F32)).toList();
        double[] row =
                Vectors.coefficients(linear, "w", Dtype.F32, whole, ELEMENTS).of(0);
        var out = Vectors.bytes(new double[ELEMENTS], Dtype.F32);
        Vectors.combine(row, whole, Dtype.F32, ELEMENTS, out);
        int cut = 333;
        var left = Vectors.bytes(new double[cut], Dtype.F32);
        var right = Vectors.bytes(new double[ELEMENTS - cut], Dtype.F32);
        Vectors.combine(row, whole.stream().map(b -> b.asSlice(0, 4L * cut)).toList(), Dtype.F32, cut, left);
        Vectors.combine(row, whole.stream().map(b -> b.asSlice(4L * cut)).toList(), Dtype.F32, ELEMENTS - cut, right);
        assertThat(out.asSlice(0, 4L * cut).mismatch(left)).isEqualTo(-1);
        assertThat(out.asSlice(4L * cut).mismatch(right)).isEqualTo(-1);
    }

    /** What all models share would stay what it is with any sum: the fold adds differences. */
    @ParameterizedTest
    @MethodSource("cases")
    void theCoefficientsSumToOne(Case operator) {
        if (!(operator.merge() instanceof LinearMerge linear)) {
            return;
        }
        var bytes = pair(operator, models()).stream()
                .map(model -> Vectors.bytes(model, Dtype.F64))
                .toList();
        double[] row =
                Vectors.coefficients(linear, "w", Dtype.F64, bytes, ELEMENTS).of(0);
        assertThat(Arrays.stream(row).sum()).isCloseTo(1, within(1e-12));
    }

    @Test
    void everyMergeHasARowInWhichItIsNotTheMean() {
        assertThat(rows().filter(row -> row.ofOneTwoThreeTen() != MEAN).map(row -> row.id() + " " + row.name()))
                .hasSameElementsAs(Merges.all().stream()
                        .map(spec -> spec.id() + " " + spec.name())
                        .toList());
    }

    /** The models that an operator takes: two of four where it takes two. */
    private static List<double[]> pair(Case operator, List<double[]> four) {
        return operator.name().equals("schedule-free-x") ? four.subList(0, 2) : four;
    }

    private static List<double[]> models() {
        Random random = new Random(SEED);
        return Stream.generate(() -> rounded(random(random), Dtype.F32))
                .limit(4)
                .toList();
    }

    private static List<double[]> sides() {
        Random random = new Random(SEED + 1);
        return Stream.generate(
                        () -> Arrays.stream(random(random)).map(Math::abs).toArray())
                .limit(4)
                .toList();
    }

    private static double[] random(Random random) {
        return random.doubles(ELEMENTS, -4, 4).toArray();
    }

    private static double[] rounded(double[] values, Dtype dtype) {
        double[] out = new double[values.length];
        dev.weir.operators.kernel.Kernel.create().decode64(Vectors.bytes(values, dtype), dtype, 0, values.length, out);
        return out;
    }

    private static double[] of(double... values) {
        return values;
    }
}
