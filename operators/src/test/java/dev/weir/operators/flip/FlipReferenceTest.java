package dev.weir.operators.flip;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Against SciPy and statsmodels; src/test/python/flip_reference.py says how the data was made. */
final class FlipReferenceTest {

    private static final double RELATIVE = 1e-9;

    /** The reference's lower ends of 0 are differences of equal numbers. */
    private static final double ROUNDING = 1e-16;

    private static final double UNDERFLOW = 1e-300;

    @Test
    void normalQuantilesAreSciPys() throws IOException {
        assertThat(rows("normal")).hasSizeGreaterThan(20).allSatisfy(row -> {
            double expected = Double.parseDouble(row[4]);
            assertClose(Normal.quantile(Double.parseDouble(row[1])), expected, 1e-14, 0);
        });
    }

    @Test
    void wilsonIntervalsAreStatsmodels() throws IOException {
        assertThat(rows("wilson")).hasSizeGreaterThan(200).allSatisfy(row -> {
            Interval interval =
                    Wilson.interval(Long.parseLong(row[1]), Long.parseLong(row[2]), Double.parseDouble(row[3]));
            assertClose(interval.lower(), Double.parseDouble(row[4]), RELATIVE, ROUNDING);
            assertClose(interval.upper(), Double.parseDouble(row[5]), RELATIVE, ROUNDING);
        });
    }

    @Test
    void mcNemarPValuesAreSciPys() throws IOException {
        assertThat(rows("mcnemar")).hasSizeGreaterThan(300).allSatisfy(row -> {
            long positive = Long.parseLong(row[1]);
            long negative = Long.parseLong(row[2]);
            assertClose(McNemar.exact(positive, negative), Double.parseDouble(row[4]), RELATIVE, UNDERFLOW);
            assertClose(McNemar.midP(positive, negative), Double.parseDouble(row[5]), RELATIVE, UNDERFLOW);
        });
    }

    private static void assertClose(double actual, double expected, double relative, double absolute) {
        assertThat(Math.abs(actual - expected))
                .as("%s for %s", actual, expected)
                .isLessThanOrEqualTo(relative * Math.abs(expected) + absolute);
    }

    private static List<String[]> rows(String kind) throws IOException {
        try (InputStream data = FlipReferenceTest.class.getResourceAsStream("/flip-reference.csv")) {
            return new String(Objects.requireNonNull(data).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(kind + ","))
                    .map(line -> line.split(",", -1))
                    .toList();
        }
    }
}
