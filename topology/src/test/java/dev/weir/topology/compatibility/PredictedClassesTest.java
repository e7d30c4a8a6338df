package dev.weir.topology.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Whatever the numbers of the examples, their classes are found again, in space that goes by how many there are. */
final class PredictedClassesTest {
    @Test
    void anEvaluationOfTwoFreshExamplesIsSmallHoweverManyExamplesAreKnown() {
        Examples examples = new Examples();
        Evaluation first = new Evaluation("nightly");
        for (int i = 0; i < 1_000_000; i++) {
            first.take(examples.number("e" + i), i % 10);
        }
        Evaluation second = new Evaluation("nightly");
        second.take(examples.number("x"), 1);
        second.take(examples.number("y"), 2);
        assertThat(second.places()).isLessThan(200);
        assertThat(second.examples()).containsExactly(1_000_000, 1_000_001);
        assertThat(first.places()).isLessThan(1_600_000);
        second.take(examples.number("e7"), 3);
        assertThat(second.places()).isLessThan(200);
        assertThat(second.examples()).containsExactly(7, 1_000_000, 1_000_001);
        assertThat(second.predicted(7)).isEqualTo(3);
        assertThat(second.has(8)).isFalse();
    }

    @Test
    void isTheMapThatItStandsFor() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            PredictedClasses classes = new PredictedClasses();
            Map<Integer, Integer> expected = new TreeMap<>();
            int from = random.nextInt(1 << random.nextInt(30));
            int spread = 1 + random.nextInt(1 << random.nextInt(20));
            int puts = random.nextInt(3_000);
            for (int i = 0; i < puts; i++) {
                boolean far = random.nextInt(1 + puts) < 2;
                int example = far ? random.nextInt(Integer.MAX_VALUE) : from + random.nextInt(spread);
                assertThat(classes.get(example)).as("seed %d", seed).isEqualTo(expected.getOrDefault(example, -1));
                if (expected.putIfAbsent(example, i) == null) {
                    classes.put(example, i);
                }
            }
            assertThat(classes.examples().boxed()).as("seed %d", seed).containsExactlyElementsOf(expected.keySet());
            expected.forEach((example, predicted) ->
                    assertThat(classes.get(example)).as("seed %d", seed).isEqualTo(predicted));
            assertThat(classes.places()).as("seed %d", seed).isLessThanOrEqualTo(200 + 12L * expected.size());
        }
    }

    @Test
    void numbersInAnyOrderLieInAnArrayInTheEnd() {
        PredictedClasses classes = new PredictedClasses();
        int count = 100_003;
        for (long i = 0; i < count; i++) {
            classes.put(5_000_000 + (int) (i * 54_321 % count), 1);
        }
        assertThat(classes.places()).isLessThan(2 * count);
        assertThat(classes.examples().count()).isEqualTo(count);
    }
}
