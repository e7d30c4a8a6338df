package dev.weir.it.results;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page under docs/operators whose every number was measured; {@code make operator-results} writes it. */
final class MeasuredPage {
    private static final Path DIR = Path.of(System.getProperty("weir.root", ".."), "docs", "operators");

    private MeasuredPage() {}

    /** Whether pages and pictures are to be written, not compared. */
    static boolean writing() {
        return Boolean.getBoolean("weir.write-docs");
    }

    /** A picture that a page shows. */
    static Path picture(String name) {
        return DIR.resolve("pictures").resolve(name + ".png");
    }

    static void assertUpToDate(String page, String measured) throws IOException {
        Path file = DIR.resolve(page);
        if (writing()) {
            Files.writeString(file, measured);
        }
        assertThat(file)
                .as("docs/operators/%s is measured; write it with: make operator-results", page)
                .hasContent(measured);
    }
}
