package dev.weir.topology.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page under docs/ that must read as the code says; {@code -Dweir.write-docs=true} writes it instead. */
final class GeneratedPage {
    private GeneratedPage() {}

    static void assertUpToDate(String page, String expected) throws IOException {
        Path file = Path.of(System.getProperty("weir.root", ".."), "docs", page);
        if (Boolean.getBoolean("weir.write-docs")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, expected);
        }
        assertThat(file)
                .as("docs/%s is generated; write it with: mvn test -pl topology -am -Dweir.write-docs=true", page)
                .hasContent(expected);
    }

    /** A row of a Markdown table. */
    static String row(String... cells) {
        StringBuilder row = new StringBuilder("|");
        for (String cell : cells) {
            row.append(' ').append(cell.replace("|", "\\|")).append(cell.isEmpty() ? "|" : " |");
        }
        return row.append('\n').toString();
    }

    static String code(String text) {
        return text.isEmpty() ? "" : "`" + text + "`";
    }
}
