package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.Weir;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the pages for people say must be so. The main job itself is run by {@link ExampleIT}. */
final class ReadmeTest {

    private static final Path ROOT = Path.of(System.getProperty("weir.root", ".."));
    private static final List<String> PAGES = List.of(
            "README.md",
            "DEVELOPING.md",
            "CHANGELOG.md",
            "docs/jobs.md",
            "docs/experts.md",
            "docs/own-kafka.md",
            "docs/publishing.md",
            "examples/README.md");
    private static final Pattern COMMAND = Pattern.compile("(?:^|`)\\./weir ([^`\\n]+)", Pattern.MULTILINE);
    private static final Pattern TEST_CLASS = Pattern.compile("`([A-Z][A-Za-z0-9]*(?:Test|IT))`");
    private static final Pattern MAKE = Pattern.compile("(?:^|`)make ([a-z][a-z-]*[a-z])", Pattern.MULTILINE);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");

    static Stream<String> commands() throws IOException {
        List<String> commands = new ArrayList<>();
        for (String page : PAGES) {
            Matcher matcher = COMMAND.matcher(read(page));
            while (matcher.find()) {
                commands.add(matcher.group(1).replaceFirst("\\s+#.*$", "").strip());
            }
        }
        return commands.stream().distinct();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void theCommandLineIsAccepted(String command) {
        String[] args = command.replaceAll("[\"']", "").split("\\s+");
        CommandLine.ParseResult parsed = Weir.commandLine(args).parseArgs(args);
        assertThat(parsed.errors()).isEmpty();
        assertThat(parsed.hasSubcommand() || parsed.isVersionHelpRequested() || parsed.isUsageHelpRequested())
                .isTrue();
    }

    @Test
    void everyVerbHasItsRow() throws IOException {
        CommandLine weir = Weir.commandLine("--help");
        Set<String> verbs = weir.getSubcommands().entrySet().stream()
                .filter(verb -> !verb.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
        String readme = read("README.md");
        assertThat(verbs).isNotEmpty().allSatisfy(verb -> assertThat(readme).contains("| `" + verb));
    }

    @Test
    void thePlanInTheReadmeIsSound(@TempDir Path folder) throws IOException {
        String readme = read("README.md");
        Matcher plan =
                Pattern.compile("```yaml\n(model:.*?)```", Pattern.DOTALL).matcher(readme);
        assertThat(plan.find()).isTrue();
        Path file = Files.writeString(folder.resolve("plan.yaml"), plan.group(1));
        String[] args = {"plan", "check", file.toString()};
        assertThat(Weir.commandLine(args).execute(args)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"merge", "coordinate", "compatibility"})
    void theConfigurationsInTheExamplesAreSound(String role) {
        String file = ROOT.resolve("examples/own-kafka/" + role + ".yaml").toString();
        String[] args = {"run", "--config", file, "--print-config"};
        assertThat(Weir.commandLine(args).execute(args)).isZero();
    }

    @Test
    void theTestsThatAreNamedExist() throws IOException {
        Set<String> there;
        try (Stream<Path> files = Files.walk(ROOT)) {
            there = files.filter(file -> file.toString().contains("src/test/java"))
                    .map(file -> file.getFileName().toString().replace(".java", ""))
                    .collect(Collectors.toSet());
        }
        assertThat(named(TEST_CLASS)).isNotEmpty().isSubsetOf(there);
    }

    @Test
    void theMakeTargetsThatAreNamedExist() throws IOException {
        Matcher targets = Pattern.compile("^\\.PHONY: (.*)$", Pattern.MULTILINE).matcher(read("Makefile"));
        assertThat(targets.find()).isTrue();
        assertThat(Arrays.asList(targets.group(1).split(" "))).containsAll(named(MAKE));
    }

    @Test
    void linksLeadToFiles() throws IOException {
        for (String page : PAGES) {
            Path folder = ROOT.resolve(page).toAbsolutePath().getParent();
            Matcher link = LINK.matcher(read(page));
            while (link.find()) {
                assertThat(folder.resolve(link.group(1))).as(page).exists();
            }
        }
    }

    private static Set<String> named(Pattern pattern) throws IOException {
        Set<String> found = new TreeSet<>();
        for (String page : PAGES) {
            pattern.matcher(read(page)).results().map(match -> match.group(1)).forEach(found::add);
        }
        return found;
    }

    private static String read(String page) throws IOException {
        return Files.readString(ROOT.resolve(page));
    }
}
