package dev.weir.operators.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("D7 online-platt")
final class OnlinePlattTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 20_261_124})
    void calibratedForecastsAreLeftAsTheyAre(long seed) {
        Random random = new Random(seed);
        OnlinePlatt platt = new OnlinePlatt(Map.of());
        for (int t = 0; t < 20_000; t++) {
            double f = 1 / (1 + Math.exp(-2 * random.nextGaussian()));
            platt.next(f, random.nextDouble() < f);
        }
        assertThat(platt.parameters()).as("seed %d", seed).containsExactly(new double[] {1, 0}, within(0.15));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 20_261_124})
    void regretAgainstTheBestScalingGrowsLikeTheLogarithm(long seed) {
        OnlinePlatt platt = new OnlinePlatt(Map.of());
        int length = 16_000;
        double[] regretAt = regret(platt, seed, length);
        // Two parameters cost at most 2 / (2 gamma) ln T, and sixteen times the examples so much more.
        assertThat(regretAt[1]).as("seed %d", seed).isBetween(-1.0, 10 * Math.log(length));
        assertThat(regretAt[1] - regretAt[0]).as("seed %d", seed).isLessThan(10 * Math.log(16));
        assertThat(platt.parameters()).as("seed %d", seed).containsExactly(new double[] {0.5, -0.7}, within(0.1));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 20_261_124})
    void theDefaultRadiusHasLessRegretThanThePapers(long seed) {
        double ours = regret(new OnlinePlatt(Map.of()), seed, 16_000)[1];
        double published = regret(new OnlinePlatt(Map.of("radius", 100)), seed, 16_000)[1];
        assertThat(ours).as("seed %d", seed).isBetween(45.5, 53.5);
        assertThat(published).as("seed %d", seed).isGreaterThan(ours).isBetween(61.5, 4_948.5);
    }

    /** After a sixteenth of the examples, and after all: over-confident forecasts by a factor of two, and biased. */
    private static double[] regret(OnlinePlatt platt, long seed, int length) {
        Random random = new Random(seed);
        double loss = 0;
        double[] logits = new double[length];
        boolean[] outcomes = new boolean[length];
        double[] regretAt = new double[2];
        for (int t = 0; t < length; t++) {
            logits[t] = 2 * random.nextGaussian();
            outcomes[t] = random.nextDouble() < 1 / (1 + Math.exp(-(0.5 * logits[t] - 0.7)));
            double p = platt.next(1 / (1 + Math.exp(-logits[t])), outcomes[t]).scaled();
            loss -= Math.log(outcomes[t] ? p : 1 - p);
            if (t + 1 == length / 16) {
                regretAt[0] = loss - best(logits, outcomes, t + 1);
            }
        }
        regretAt[1] = loss - best(logits, outcomes, length);
        return regretAt;
    }

    @Test
    void topsIsTheMeanOutcomeOfTheBinSoFar() {
        Random random = new Random(8);
        OnlinePlatt platt = new OnlinePlatt(Map.of("bins", 5));
        long[] examples = new long[5];
        long[] successes = new long[5];
        for (int t = 0; t < 3000; t++) {
            boolean outcome = random.nextInt(3) == 0;
            OnlinePlatt.Forecast forecast = platt.next(random.nextDouble(), outcome);
            int bin = (int) Math.min(4, forecast.scaled() * 5);
            double mean = examples[bin] == 0 ? forecast.scaled() : (double) successes[bin] / examples[bin];
            assertThat(forecast.tops()).as("seed 8, example %d", t).isEqualTo(mean);
            examples[bin]++;
            successes[bin] += outcome ? 1 : 0;
        }
    }

    @Test
    void aForecastDoesNotKnowItsOutcome() {
        Random random = new Random(9);
        OnlinePlatt one = new OnlinePlatt(Map.of("beta", true));
        OnlinePlatt other = new OnlinePlatt(Map.of("beta", true));
        for (int t = 0; t < 200; t++) {
            double f = random.nextDouble();
            boolean outcome = random.nextBoolean();
            assertThat(one.next(f, outcome)).as("seed 9, example %d", t).isEqualTo(other.next(f, outcome));
        }
        assertThat(one.next(0.3, true)).isEqualTo(other.next(0.3, false));
        assertThat(one.next(0.3, true)).isNotEqualTo(other.next(0.3, true));
    }

    @Test
    void hedgingIsCalibratedAgainstOutcomesThatAnswerTheForecast() {
        HedgingForecaster forecaster = new HedgingForecaster(10, 1);
        int[] examples = new int[10];
        int[] successes = new int[10];
        double last = 0.5;
        int total = 40_000;
        for (int t = 0; t < total; t++) {
            // As nature would that saw the forecast before this one.
            boolean outcome = last < 0.5;
            last = forecaster.next(0.5, outcome);
            int bin = (int) (last * 10);
            examples[bin]++;
            successes[bin] += outcome ? 1 : 0;
        }
        double error = 0;
        for (int bin = 0; bin < 10; bin++) {
            error += Math.abs(successes[bin] - examples[bin] * (bin + 0.5) / 10) / total;
        }
        assertThat(error).isLessThan(0.05 + 0.01);
    }

    @Test
    void parametersStayWithinTheRadius() {
        OnlinePlatt platt = new OnlinePlatt(Map.of("radius", 2));
        Random random = new Random(10);
        for (int t = 0; t < 500; t++) {
            double logit = 2 * random.nextGaussian();
            platt.next(1 / (1 + Math.exp(-logit)), logit > 0);
            double[] theta = platt.parameters();
            assertThat(Math.hypot(theta[0], theta[1])).as("seed 10").isLessThanOrEqualTo(2 + 1e-9);
        }
        assertThat(platt.parameters()[0])
                .as("separable: the slope goes to the edge")
                .isGreaterThan(1.9);
    }

    @Test
    void forecastsOutsideZeroToOneAreRefused() {
        OnlinePlatt platt = new OnlinePlatt(Map.of());
        for (double f : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> platt.next(f, true)).hasMessage("forecast: " + f + "; allowed: 0 to 1");
        }
        assertThat(platt.next(0, true).scaled()).isLessThan(1e-11);
        assertThat(platt.next(1, false).scaled()).isFinite();
    }

    /** Loss of the best (a, b), by Newton's method. */
    private static double best(double[] logits, boolean[] outcomes, int count) {
        double a = 0;
        double b = 0;
        for (int step = 0; step < 30; step++) {
            double ga = 0;
            double gb = 0;
            double haa = 1e-9;
            double hab = 0;
            double hbb = 1e-9;
            for (int t = 0; t < count; t++) {
                double p = 1 / (1 + Math.exp(-(a * logits[t] + b)));
                double error = p - (outcomes[t] ? 1 : 0);
                ga += error * logits[t];
                gb += error;
                haa += p * (1 - p) * logits[t] * logits[t];
                hab += p * (1 - p) * logits[t];
                hbb += p * (1 - p);
            }
            double determinant = haa * hbb - hab * hab;
            a -= (hbb * ga - hab * gb) / determinant;
            b -= (haa * gb - hab * ga) / determinant;
        }
        double loss = 0;
        for (int t = 0; t < count; t++) {
            double p = 1 / (1 + Math.exp(-(a * logits[t] + b)));
            loss -= Math.log(outcomes[t] ? p : 1 - p);
        }
        return loss;
    }
}
