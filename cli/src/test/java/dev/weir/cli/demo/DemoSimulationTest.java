package dev.weir.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.demo.DemoSimulation.Result;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What the demo is to show, shown beforehand; {@code -Dweir.demo.seeds=300} asks more seeds. */
final class DemoSimulationTest {

    private static final int CHECKPOINTS = 40;

    private final Digits digits = Digits.load();

    @Test
    void averagesWinOnSeeds11To15() {
        List<Result> results = simulate(11, 5);
        results.forEach(DemoSimulationTest::print);
        assertThat(results).filteredOn(Result::emaBeatsRaw).hasSizeGreaterThanOrEqualTo(4);
        assertThat(results).filteredOn(Result::bcwiKeepsMore).hasSizeGreaterThanOrEqualTo(4);
        assertThat(results)
                .filteredOn(result -> result.emaBeatsRaw() && result.bcwiKeepsMore())
                .hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void aSeedIsRepeatable() {
        assertThat(DemoSimulation.run(digits, 11, 6)).isEqualTo(DemoSimulation.run(digits, 11, 6));
    }

    @Test
    @EnabledIfSystemProperty(named = "weir.demo.seeds", matches = "[1-9][0-9]*")
    void averagesWinOnNearlyEverySeed() {
        int seeds = Integer.getInteger("weir.demo.seeds", 300);
        List<Result> results = simulate(1, seeds);
        print("release 1", results, Result::release1);
        for (String channel : results.get(0).channels().keySet()) {
            print(channel, results, result -> result.channel(channel));
        }
        long ema = results.stream().filter(Result::emaBeatsRaw).count();
        long bcwi = results.stream().filter(Result::bcwiKeepsMore).count();
        System.out.println("ema beats raw in " + ema + ", bcwi keeps more in " + bcwi + " of " + seeds + " seeds");
        assertThat(ema).isGreaterThanOrEqualTo(seeds * 95L / 100);
        assertThat(bcwi).isGreaterThanOrEqualTo(seeds * 95L / 100);
    }

    private List<Result> simulate(long from, int seeds) {
        return LongStream.range(from, from + seeds)
                .mapToObj(seed -> DemoSimulation.run(digits, seed, CHECKPOINTS))
                .toList();
    }

    private static void print(Result result) {
        System.out.printf(
                Locale.ROOT,
                "seed %d: release 1 %.4f; ema beats raw: %s, bcwi keeps more: %s%n",
                result.seed(),
                result.release1().accuracy(),
                result.emaBeatsRaw(),
                result.bcwiKeepsMore());
        result.channels()
                .forEach((name, score) -> System.out.printf(
                        Locale.ROOT, "  %-9s %.4f %4d flips%n", name, score.accuracy(), score.negativeFlips()));
    }

    private static void print(String name, List<Result> results, Function<Result, Score> score) {
        System.out.printf(
                Locale.ROOT,
                "%-9s accuracy %.4f, flips: mean %.1f, median %.0f%n",
                name,
                mean(results, result -> score.apply(result).accuracy()),
                mean(results, result -> score.apply(result).negativeFlips()),
                median(results, result -> score.apply(result).negativeFlips()));
    }

    private static double mean(List<Result> results, ToDoubleFunction<Result> value) {
        return results.stream().mapToDouble(value).average().orElseThrow();
    }

    private static double median(List<Result> results, ToDoubleFunction<Result> value) {
        return results.stream().mapToDouble(value).sorted().toArray()[results.size() / 2];
    }
}
