package dev.weir.topology.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/counters.md explains every word that is counted, found where the code counts it. */
final class CounterWordsTest {
    private static final Path ROOT = Path.of(System.getProperty("weir.root", ".."));
    private static final Path TOPOLOGY = ROOT.resolve("topology/src/main/java");
    private static final String WORD = "\"([a-z]+(?:-[a-z]+)*)";

    @Test
    void everyCounterIsOnItsPage() throws IOException {
        Set<String> words = new TreeSet<>();
        words.addAll(found(TOPOLOGY, "counters\\.add\\(\\s*" + WORD + "\""));
        words.addAll(found(TOPOLOGY, "drop\\(\\s*(?:record,\\s*)?" + WORD + "\""));
        words.addAll(found(TOPOLOGY, "Refusal\\(\\s*" + WORD + "\","));
        words.addAll(found(TOPOLOGY, "status\\.count\\(" + WORD + "\""));
        words.addAll(found(TOPOLOGY, "status\\.count\\([^;]*\\? " + WORD + "\""));
        words.addAll(found(TOPOLOGY, "status\\.count\\([^;]*: " + WORD + "\"\\)"));
        words.addAll(found(TOPOLOGY.resolve("dev/weir/topology/coordinate/ChannelBook.java"), "return " + WORD + ": "));
        words.addAll(found(
                TOPOLOGY.resolve("dev/weir/topology/compatibility/Evaluations.java"), "String [A-Z_]+ = " + WORD));
        words.addAll(found(ROOT.resolve("operators/src/main/java"), "\"([a-z]+(?:-[a-z]+)+): "));
        words.addAll(found(
                ROOT.resolve("schemas/src/main/java/dev/weir/schemas/wire/BadRecordException.java"),
                "String [A-Z_]+ = " + WORD));
        assertThat(words).contains("accepted", "candidates", "chosen", "bad-probabilities", "not-avro", "too-near");
        assertThat(words).hasSizeGreaterThan(50);
        String page = page();
        assertThat(words).allSatisfy(word -> assertThat(page).contains("`" + word + "`"));
    }

    @Test
    void everyReasonOfARefusalIsOnItsPage() throws IOException {
        Set<String> words = new TreeSet<>();
        words.addAll(found(TOPOLOGY, "Refusal\\(\\s*" + WORD + ":"));
        words.addAll(found(TOPOLOGY, "(?:fail|Refused)\\(\\s*" + WORD + ":"));
        words.addAll(found(TOPOLOGY, "abort\\(\\w+, " + WORD + ":"));
        words.addAll(found(TOPOLOGY.resolve("dev/weir/topology/coordinate/LayoutBook.java"), "return " + WORD + ": "));
        // The refusal of a plan is an answer to whoever proposed it.
        words.remove("plan");
        assertThat(words).contains("layout", "timeout", "superseded", "stale-step", "non-finite");
        String page = page();
        assertThat(words).allSatisfy(word -> assertThat(page).contains("`refused-" + word + "`"));
    }

    private static String page() throws IOException {
        return Files.readString(ROOT.resolve("docs/counters.md"));
    }

    private static List<String> found(Path folder, String pattern) throws IOException {
        Pattern wanted = Pattern.compile(pattern);
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .flatMap(file -> wanted.matcher(read(file)).results().map(match -> match.group(1)))
                    .toList();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
