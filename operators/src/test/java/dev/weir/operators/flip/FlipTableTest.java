package dev.weir.operators.flip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("N flips: classes and slices")
final class FlipTableTest {

    private record Example(OptionalInt label, int before, int after, List<String> slices) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void neitherOrderNorSplittingMatters(long seed) {
        Random random = new Random(seed);
        List<Example> examples = examples(random, 2000);
        FlipTable whole = table(examples);

        List<Example> shuffled = new ArrayList<>(examples);
        Collections.shuffle(shuffled, random);
        FlipTable parts = FlipTable.ZERO;
        for (int from = 0; from < shuffled.size(); ) {
            int to = Math.min(shuffled.size(), from + 1 + random.nextInt(300));
            parts = table(shuffled.subList(from, to)).plus(parts);
            from = to;
        }

        assertThat(parts).as("seed %d", seed).isEqualTo(whole);
        assertThat(FlipReport.of(parts, 0.95)).as("seed %d", seed).isEqualTo(FlipReport.of(whole, 0.95));
        assertThat(whole.total().examples()).isEqualTo(2000);
    }

    @Test
    void aModelAgainstItselfFlipsNothing() {
        Random random = new Random(7);
        FlipCounter counter = new FlipCounter();
        FlipMatrix matrix = FlipMatrix.ZERO;
        for (int i = 0; i < 500; i++) {
            int label = random.nextInt(5);
            int prediction = random.nextInt(5);
            boolean labelled = random.nextInt(4) > 0;
            counter.add(
                    labelled ? OptionalInt.of(label) : OptionalInt.empty(),
                    prediction,
                    prediction,
                    List.of("s" + i % 3));
            matrix = matrix.plus(FlipMatrix.of(label, prediction, prediction));
        }
        FlipTable table = counter.table();
        assertThat(table.total().labelled().bothRight()).isPositive();
        assertThat(table.total().labelled().bothWrong()).isPositive();
        assertThat(matrix).isEqualTo(FlipMatrix.ZERO);
        List<FlipTally> tallies = new ArrayList<>(table.slices().values());
        tallies.add(table.total());
        List<FlipCounts> counts = new ArrayList<>(table.classes().values());
        for (FlipTally tally : tallies) {
            counts.add(tally.labelled());
            assertThat(tally.unlabelled().examples()).isPositive();
            assertThat(tally.unlabelled().changed()).isZero();
        }
        assertThat(counts).hasSize(5 + 3 + 1).allSatisfy(count -> {
            assertThat(count.negative()).isZero();
            assertThat(count.positive()).isZero();
            assertThat(count.bothWrongChanged()).isZero();
            assertThat(count.churn().value()).hasValue(0);
        });
    }

    @Test
    void classesAndSlicesAreSortedAndTested() {
        FlipCounter counter = new FlipCounter();
        counter.add(OptionalInt.of(9), 9, 1, List.of("night", "rain", "night"));
        counter.add(OptionalInt.of(2), 2, 2, List.of("day"));
        counter.add(OptionalInt.of(2), 2, 3, List.of("day"));
        counter.add(OptionalInt.empty(), 4, 5, List.of("rain"));
        counter.add(OptionalInt.empty(), 4, 4, List.of());
        FlipReport report = FlipReport.of(counter.table(), 0.9);

        assertThat(report.total().labelled()).isEqualTo(new FlipCounts(1, 2, 0, 0, 0));
        assertThat(report.total().unlabelled()).isEqualTo(new Changes(2, 1));
        assertThat(report.classes()).extracting(FlipReport.ClassRow::label).containsExactly(2, 9);
        assertThat(report.slices()).extracting(FlipReport.SliceRow::slice).containsExactly("day", "night", "rain");
        assertThat(report.slices().get(2).tally())
                .isEqualTo(new FlipTally(new FlipCounts(0, 1, 0, 0, 0), new Changes(1, 1)));
        assertThat(report.slices().get(1).tally().examples()).isEqualTo(1);
        assertThat(report.macroNegativeFlipRate()).hasValue(0.75);
        assertThat(report.worstClass().orElseThrow().label()).isEqualTo(9);
        assertThat(report.test().exact()).isEqualTo(0.5);
        assertThat(report.interval(report.total().labelled().negativeFlipRate()))
                .isEqualTo(Wilson.interval(2, 3, 0.9));
    }

    @Test
    void ofEquallyBadClassesTheLowestIsNamed() {
        FlipCounter counter = new FlipCounter();
        for (int label : new int[] {8, 3, 5}) {
            counter.add(OptionalInt.of(label), label, 0, List.of());
        }
        assertThat(FlipReport.of(counter.table(), 0.95)
                        .worstClass()
                        .orElseThrow()
                        .label())
                .isEqualTo(3);
    }

    @Test
    void anEmptyTableHasAReport() {
        FlipReport report = FlipReport.of(FlipTable.ZERO, 0.95);
        assertThat(report.test()).isEqualTo(new FlipReport.Test(1, 1));
        assertThat(report.macroNegativeFlipRate()).isEmpty();
        assertThat(report.worstClass()).isEmpty();
        assertThat(report.classes()).isEmpty();
    }

    @Test
    void independentErrorsHaveARelativeRateOfOne() {
        Random random = new Random(7);
        FlipCounter counter = new FlipCounter();
        for (int i = 0; i < 100_000; i++) {
            counter.add(
                    OptionalInt.of(0), random.nextDouble() < 0.8 ? 0 : 1, random.nextDouble() < 0.9 ? 0 : 1, List.of());
        }
        assertThat(counter.table().total().labelled().relativeNegativeFlipRate().orElseThrow())
                .as("seed 7")
                .isCloseTo(1, within(0.02));
    }

    @Test
    void classesBelowZeroAreRefused() {
        FlipCounter counter = new FlipCounter();
        assertThatThrownBy(() -> counter.add(OptionalInt.of(-1), 0, 0, List.of()))
                .hasMessage("label: -1; allowed: 0 to 2147483647");
        assertThatThrownBy(() -> counter.add(OptionalInt.empty(), 0, -7, List.of()))
                .hasMessage("new prediction: -7; allowed: 0 to 2147483647");
        assertThat(counter.table()).isEqualTo(FlipTable.ZERO);
    }

    @Test
    void aTableWhoseClassesDoNotSumToItsTotalIsRefused() {
        FlipTally one = FlipTally.of(OptionalInt.of(1), 1, 1);
        assertThatThrownBy(() -> new FlipTable(one, new TreeMap<>(), new TreeMap<>()))
                .hasMessageStartingWith("flip table: its classes sum to FlipCounts[bothRight=0");
    }

    private static FlipTable table(List<Example> examples) {
        FlipCounter counter = new FlipCounter();
        for (Example example : examples) {
            counter.add(example.label(), example.before(), example.after(), example.slices());
        }
        return counter.table();
    }

    private static List<Example> examples(Random random, int count) {
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<String> slices = new ArrayList<>();
            while (random.nextInt(3) > 0) {
                slices.add("slice-" + random.nextInt(5));
            }
            examples.add(new Example(
                    random.nextInt(5) == 0 ? OptionalInt.empty() : OptionalInt.of(random.nextInt(10)),
                    random.nextInt(10),
                    random.nextInt(10),
                    slices));
        }
        return examples;
    }
}
