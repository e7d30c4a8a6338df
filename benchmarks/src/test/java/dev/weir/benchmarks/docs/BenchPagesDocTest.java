package dev.weir.benchmarks.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The pages must say what the reports say; {@code -Dweir.write-docs=true} writes them, and the figure, instead. */
final class BenchPagesDocTest {

    @Test
    void thePageOfResultsHasEveryGoalAndSide() throws IOException {
        assertUpToDate("bench/README.md", new ResultsPage(Reports.read()).text());
    }

    @Test
    void thePageOfGrowthHasEveryCase() throws IOException {
        assertUpToDate("growth.md", new GrowthPage(Reports.read()).text());
        Path figure = Reports.DOCS.resolve("growth.png");
        if (Boolean.getBoolean("weir.write-docs")) {
            GrowthFigure.write(Reports.read(), figure);
        }
        assertThat(figure).isNotEmptyFile();
    }

    @Test
    void thePageOfSizesFollowsFromTheReports() throws IOException {
        assertUpToDate("sizing.md", new SizingPage(Reports.read()).text());
    }

    private static void assertUpToDate(String page, String expected) throws IOException {
        Path file = Reports.DOCS.resolve(page);
        if (Boolean.getBoolean("weir.write-docs")) {
            Files.writeString(file, expected);
        }
        assertThat(file)
                .as("docs/%s is generated; write it with: make bench-pages", page)
                .hasContent(expected);
    }
}
