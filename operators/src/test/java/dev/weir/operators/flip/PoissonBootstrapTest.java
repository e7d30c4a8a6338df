package dev.weir.operators.flip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.hash.Hash;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SortedMap;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("N flips: bootstrap")
final class PoissonBootstrapTest {

    private static final Function<SortedMap<Integer, FlipCounts>, OptionalDouble> RATE =
            classes -> PoissonBootstrap.total(classes).negativeFlipRate().value();
    private static final Function<SortedMap<Integer, FlipCounts>, OptionalDouble> RELATIVE =
            classes -> PoissonBootstrap.total(classes).relativeNegativeFlipRate();

    private record Example(String id, int label, int before, int after) {}

    @Test
    void drawsHaveThePoissonDistributionOfMeanOne() {
        int draws = 200_000;
        int[] counts = new int[30];
        for (int i = 0; i < draws; i++) {
            long bits = Hash.mix(Hash.of("example-" + i));
            counts[PoissonBootstrap.poisson(Hash.uniform(bits))]++;
        }
        double probability = Math.exp(-1);
        for (int k = 0; k < 6; k++) {
            double spread = 4 * Math.sqrt(probability / draws);
            assertThat((double) counts[k] / draws).as("%d times", k).isCloseTo(probability, within(spread));
            probability /= k + 1;
        }
        assertThat(PoissonBootstrap.poisson(0)).isZero();
        assertThat(PoissonBootstrap.poisson(Math.nextDown(1.0))).isBetween(15, 18);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 20_261_124})
    void neitherOrderNorSplittingMatters(long seed) {
        Random random = new Random(seed);
        List<Example> examples = examples(random, 300);
        PoissonBootstrap whole = bootstrap(examples);
        Collections.shuffle(examples, random);
        PoissonBootstrap parts = bootstrap(examples.subList(200, 300));
        parts.add(bootstrap(examples.subList(0, 200)));
        assertThat(parts.interval(RELATIVE, 0.95)).as("seed %d", seed).isEqualTo(whole.interval(RELATIVE, 0.95));
    }

    @Test
    void aRatesIntervalIsNearWilsons() {
        List<Example> examples = examples(new Random(3), 2000);
        PoissonBootstrap bootstrap = bootstrap(examples);
        FlipCounts counts = table(examples).total().labelled();
        Interval wilson = counts.negativeFlipRate().interval(0.95);
        Interval found = bootstrap.interval(RATE, 0.95).orElseThrow().bounds();
        assertThat(found.lower()).as("seed 3").isCloseTo(wilson.lower(), within(0.004));
        assertThat(found.upper()).as("seed 3").isCloseTo(wilson.upper(), within(0.004));
        double relative = counts.relativeNegativeFlipRate().orElseThrow();
        Interval ofRelative = bootstrap.interval(RELATIVE, 0.95).orElseThrow().bounds();
        assertThat(relative).as("seed 3").isBetween(ofRelative.lower(), ofRelative.upper());
    }

    @Test
    void replicatesWithoutTheFigureAreCounted() {
        PoissonBootstrap bootstrap = new PoissonBootstrap(1000);
        bootstrap.add("only", 1, 1, 2);
        PoissonBootstrap.Estimate estimate = bootstrap.interval(RATE, 0.9).orElseThrow();
        assertThat(estimate.bounds()).isEqualTo(new Interval(1, 1));
        assertThat(estimate.undefined() / 1000.0).isCloseTo(Math.exp(-1), within(0.06));
        assertThat(new PoissonBootstrap(10).interval(RATE, 0.9)).isEmpty();
        assertThatThrownBy(() -> new PoissonBootstrap(0)).hasMessage("replicates: 0; allowed: 1 to 100000");
        assertThatThrownBy(() -> bootstrap.add(new PoissonBootstrap(7)))
                .hasMessage("replicates: 7; allowed: as many as here, 1000");
    }

    @Test
    void classesCountByTheirSizeItsRootOrAlike() {
        List<FlipCounts> classes =
                List.of(new FlipCounts(90, 10, 0, 0, 0), new FlipCounts(0, 4, 0, 0, 0), FlipCounts.ZERO);
        assertThat(ClassWeighting.MICRO.negativeFlipRate(classes)).hasValue(14 / 104.0);
        assertThat(ClassWeighting.ROOT.negativeFlipRate(classes)).hasValue((10 * 0.1 + 2 * 1) / 12);
        assertThat(ClassWeighting.MACRO.negativeFlipRate(classes)).hasValue(0.55);
        assertThat(ClassWeighting.MACRO.negativeFlipRate(List.of())).isEmpty();
    }

    @Test
    void theMatrixHoldsTheNegativeFlipsAlone() {
        List<Example> examples = examples(new Random(4), 500);
        FlipMatrix one = FlipMatrix.ZERO;
        FlipMatrix other = FlipMatrix.ZERO;
        for (Example example : examples) {
            FlipMatrix of = FlipMatrix.of(example.label, example.before, example.after);
            one = one.plus(of);
            other = of.plus(other);
        }
        assertThat(one).as("seed 4").isEqualTo(other);
        assertThat(one.total()).isEqualTo(table(examples).total().labelled().negative());
        one.flips().forEach((label, row) -> assertThat(row).doesNotContainKey(label));
        table(examples)
                .classes()
                .forEach((label, counts) ->
                        assertThat(one(examples, label)).as("class %d", label).isEqualTo(counts.negative()));
    }

    private static long one(List<Example> examples, int label) {
        return examples.stream()
                .filter(example -> example.label == label)
                .map(example -> FlipMatrix.of(example.label, example.before, example.after))
                .reduce(FlipMatrix.ZERO, FlipMatrix::plus)
                .total();
    }

    private static PoissonBootstrap bootstrap(List<Example> examples) {
        PoissonBootstrap bootstrap = new PoissonBootstrap(400);
        examples.forEach(example -> bootstrap.add(example.id, example.label, example.before, example.after));
        return bootstrap;
    }

    private static FlipTable table(List<Example> examples) {
        FlipCounter counter = new FlipCounter();
        examples.forEach(
                example -> counter.add(OptionalInt.of(example.label), example.before, example.after, List.of()));
        return counter.table();
    }

    private static List<Example> examples(Random random, int count) {
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int label = random.nextInt(5);
            int before = random.nextInt(10) < 8 ? label : random.nextInt(5);
            int after = random.nextInt(10) < 9 ? label : random.nextInt(5);
            examples.add(new Example("example-" + i, label, before, after));
        }
        return examples;
    }
}
