package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What the Javadoc of operators says of their settings. */
final class OperatorJavadocTest {

    private static final Path SOURCES =
            Path.of(System.getProperty("weir.root", ".."), "operators", "src", "main", "java");
    private static final Pattern RECORD = Pattern.compile("\\n(?:public )?record \\w+\\(");

    @TestFactory
    Stream<DynamicTest> everyParameterSaysItsDefault() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Path> operators =
                    files.filter(OperatorJavadocTest::hasSettings).sorted().toList();
            assertThat(operators).hasSizeGreaterThan(30);
            return operators.stream()
                    .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                        String source = read(file);
                        String doc = source.substring(0, source.indexOf("*/"));
                        List<String> parts = List.of(doc.split("\n \\* @param ", -1));
                        assertThat(parts.subList(1, parts.size()))
                                .isNotEmpty()
                                .allSatisfy(part -> assertThat(part).contains("default"));
                    }));
        }
    }

    private static boolean hasSettings(Path file) {
        if (!file.toString().endsWith(".java")) {
            return false;
        }
        String source = read(file);
        return source.contains(" SPEC")
                && source.contains("Setting.")
                && RECORD.matcher(source).find();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
