package dev.weir.it.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.Catalogue;
import dev.weir.operators.Spec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every entry of the catalogue has a test that names it: a display name or a case that begins with its id. */
final class CatalogueTest {

    private static final Path ROOT = Path.of(System.getProperty("weir.root", ".."));

    @Test
    void everyEntryHasATestThatNamesIt() throws IOException {
        List<String> tests;
        try (Stream<Path> files = Files.walk(ROOT)) {
            tests = files.filter(file -> file.toString().contains("src/test/java"))
                    .filter(file -> file.toString().endsWith("Test.java")
                            || file.toString().endsWith("IT.java"))
                    .map(CatalogueTest::read)
                    .toList();
        }
        assertThat(Catalogue.all().stream().map(Spec::id).distinct())
                .isNotEmpty()
                .allSatisfy(id -> assertThat(tests)
                        .as(id)
                        .anyMatch(Pattern.compile("\"" + id + "( [a-z]|\",)").asPredicate()));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
