package dev.weir.topology.docs;

import static dev.weir.topology.docs.GeneratedPage.code;
import static dev.weir.topology.docs.GeneratedPage.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.Catalogue;
import dev.weir.operators.Cost;
import dev.weir.operators.OperatorSpec;
import dev.weir.operators.SearchSpec;
import dev.weir.operators.Spec;
import dev.weir.operators.merge.MergeSpec;
import dev.weir.operators.setting.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class OperatorsDocTest {

    private static final Path DIR = Path.of(System.getProperty("weir.root", ".."), "docs", "operators");
    private static final String PICTURES = "pictures";

    /**
     * A page of measurements; the integration tests write it.
     *
     * @param page its file
     * @param of what was measured on
     * @param operators whose numbers it has
     */
    private record Measured(String page, String of, Set<String> operators) {}

    private static final List<Measured> MEASURED = List.of(
            new Measured(
                    "trajectory.md",
                    "a training run",
                    Set.of("ema", "swa", "sma", "lawa", "schedule-free", "power-ema", "post-hoc-ema", "lcsc")),
            new Measured("continual.md", "a stream in which classes arrive", Set.of("online-ensemble")),
            new Measured(
                    "results.md",
                    "a data update",
                    Set.of(
                            "uniform-soup",
                            "diwa",
                            "diwa-greedy",
                            "model-stock",
                            "greedy-soup",
                            "learned-soup",
                            "fisher",
                            "bcwi",
                            "fisher-bcwi",
                            "soup-bcwi",
                            "wise-ft",
                            "layer-wise",
                            "weight-matching")),
            new Measured("weights.md", "60 checkpoints: how much each counts", Set.of()));

    /**
     * A picture of measurements.
     *
     * @param file in the folder of the pictures
     * @param alt what it shows
     * @param operators on whose pages it stands
     */
    private record Plot(String file, String alt, Set<String> operators) {}

    private static final List<Plot> PLOTS = List.of(
            new Plot(
                    "trajectory.png",
                    "Accuracy by trainer step of averages of one run",
                    Set.of("ema", "swa", "sma", "lawa", "schedule-free")),
            new Plot(
                    "trajectory-after.png",
                    "Accuracy by trainer step of averages that are made of kept snapshots",
                    Set.of("post-hoc-ema", "lcsc")),
            new Plot(
                    "continual.png",
                    "Accuracy on the classes seen so far, with the ensemble and without",
                    Set.of("online-ensemble")),
            new Plot(
                    "tradeoff.png",
                    "Accuracy against negative flips, from the old model to the new",
                    Set.of("bcwi", "fisher-bcwi", "soup-bcwi")));

    @Test
    void thePageNamesEveryOperator() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Operators

                Generated from `Catalogue.all()` by `OperatorsDocTest`, as are the pages that it leads to. A channel of a plan names
                one operator of a stream and its settings; `weir merge --operator NAME --set SETTING=VALUE` takes every operator of
                checkpoints, and so does `weir job`, which merges snapshots [beside the stream](../jobs.md). Those of evaluations (D, N)
                have the call that the table shows. What is left out keeps its default. A setting that is unknown, out of range or
                without effect is refused before anything runs. `weir operators` prints this list. Measured is what they make of
                [a training run](trajectory.md), of [a stream in which classes arrive](continual.md) and of
                [a data update](results.md), and [how much each checkpoint counts](weights.md).

                """);
        page.append(row("entry", "operator", "runs on", "method")).append("|---|---|---|---|\n");
        for (Spec operator : Catalogue.all()) {
            page.append(row(
                    operator.id(),
                    "[`%s`](%s.md)".formatted(operator.name(), operator.name()),
                    runsOn(operator),
                    operator.title()));
        }
        GeneratedPage.assertUpToDate("operators/README.md", page.toString());
    }

    @TestFactory
    Stream<DynamicTest> everyOperatorHasItsPage() {
        return Catalogue.all().stream()
                .map(operator -> DynamicTest.dynamicTest(
                        operator.name(),
                        () -> GeneratedPage.assertUpToDate("operators/" + operator.name() + ".md", page(operator))));
    }

    @Test
    void noPageIsOfAnOperatorThatIsGone() throws IOException {
        try (Stream<Path> pages = Files.list(DIR)) {
            assertThat(pages.map(page -> page.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(Stream.of(
                                    Stream.of("README.md", PICTURES),
                                    MEASURED.stream().map(Measured::page),
                                    Catalogue.all().stream().map(spec -> spec.name() + ".md"))
                            .flatMap(names -> names)
                            .toList());
        }
    }

    private static String runsOn(Spec operator) {
        if (operator instanceof SearchSpec) {
            return "streams, as a channel of a plan";
        }
        return operator.streams() ? "streams and files" : call(operator);
    }

    @Test
    void everyDerivationIsOfAnOperatorAndPinnedByATestThatExists() throws IOException {
        Map<String, String> tests = tests();
        List<String> operators = Catalogue.all().stream().map(Spec::name).toList();
        for (Derivation derivation : Derivation.all()) {
            assertThat(operators).containsAll(derivation.operators());
            for (String test : derivation.tests()) {
                String name = test.substring(0, test.indexOf('.'));
                String method = test.substring(test.indexOf('.') + 1);
                assertThat(tests.getOrDefault(name, "")).as(test).contains(" void " + method + "(");
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> everyEntryHasATestThatNamesIt() throws IOException {
        Map<String, String> tests = tests();
        return Catalogue.all().stream()
                .map(Spec::id)
                .distinct()
                .map(id -> DynamicTest.dynamicTest(id, () -> {
                    Pattern named = Pattern.compile("@DisplayName\\(\"[^\"]*\\b" + id + "\\b");
                    assertThat(tests.values())
                            .anyMatch(source -> named.matcher(source).find());
                }));
    }

    /** Sources of the tests, by class. */
    private static Map<String, String> tests() throws IOException {
        Map<String, String> tests = new HashMap<>();
        for (String module : List.of("operators", "topology", "cli")) {
            Path sources = DIR.resolveSibling("../" + module + "/src/test/java").normalize();
            try (Stream<Path> files = Files.walk(sources)) {
                for (Path file : files.filter(path -> path.toString().endsWith("Test.java"))
                        .toList()) {
                    tests.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                }
            }
        }
        return tests;
    }

    private static String call(Spec operator) {
        return operator.call().startsWith("weir merge") ? "files" : code(operator.call());
    }

    private static String runsOnInFull(Spec operator) {
        if (operator instanceof OperatorSpec) {
            return "streams, as a channel of a plan, and files";
        }
        return runsOn(operator).equals("files")
                ? "files, and snapshots beside a stream by [`weir job`](../jobs.md)"
                : runsOn(operator);
    }

    private static String cost(Cost cost) {
        return switch (cost) {
            case ELEMENT -> "each element by itself";
            case TENSOR -> "sums over each tensor first";
            case MODEL -> "sums over the whole model first";
            case MATRIX -> "matrix algebra of each layer";
            case EVALUATIONS -> "no weights, evaluations alone";
        };
    }

    private static String page(Spec operator) {
        StringBuilder page = new StringBuilder("# `%s`: %s\n\n".formatted(operator.name(), operator.title()));
        page.append("Generated from the code by `OperatorsDocTest`; entry ")
                .append(operator.id())
                .append(" of the [list](README.md).\n\n    ")
                .append(operator.facts().formula().replace("\n", "\n    "))
                .append("\n\n")
                .append(operator.facts().use())
                .append("\n\n");
        MEASURED.stream()
                .filter(measured -> measured.operators().contains(operator.name()))
                .forEach(measured -> {
                    assertThat(DIR.resolve(measured.page())).content().contains(operator.name());
                    page.append("Measured on [%s](%s).\n\n".formatted(measured.of(), measured.page()));
                });
        PLOTS.stream()
                .filter(plot -> plot.operators().contains(operator.name()))
                .forEach(plot -> {
                    assertThat(DIR.resolve(PICTURES).resolve(plot.file())).isNotEmptyFile();
                    page.append("![%s](%s/%s)\n\n".formatted(plot.alt(), PICTURES, plot.file()));
                });
        String weights = PICTURES + "/weights-" + operator.name() + ".png";
        if (Files.exists(DIR.resolve(weights))) {
            page.append("![Share of the average that the checkpoints up to each have](%s)\n\n".formatted(weights))
                    .append("How much each of 60 checkpoints counts, added up; [in numbers](weights.md#%s).\n\n"
                            .formatted(operator.name()));
        }
        page.append(row("", "")).append("|---|---|\n");
        page.append(row("shape", operator.facts().shape()));
        page.append(row("runs on", runsOnInFull(operator)));
        if (operator instanceof MergeSpec merge) {
            page.append(row("inputs, in order", String.join(", ", merge.roles())));
        }
        page.append(row("needs", String.join(", ", operator.facts().inputs())));
        page.append(row("cost", cost(operator.facts().cost())));
        if (operator.streams()) {
            page.append(row("state", operator.statePerParameter() + " bytes for each f32 parameter, by default"));
        }
        page.append(row("weights go back to trainers", operator.facts().feedback() ? "yes" : "no"));
        page.append(row("source", operator.reference()));
        page.append('\n');
        if (operator.settings().isEmpty()) {
            page.append("There is nothing to set.\n");
        } else {
            page.append(row("setting", "default", "allowed", "what")).append("|---|---|---|---|\n");
        }
        for (Setting setting : operator.settings()) {
            page.append(row(
                    code(setting.name()),
                    setting.defaultText().isEmpty() ? "not set" : code(setting.defaultText()),
                    setting.allowed(),
                    setting.doc()));
        }
        Derivation.all().stream()
                .filter(derivation -> derivation.operators().contains(operator.name()))
                .forEach(derivation -> page.append("\n## What the source leaves open\n\n")
                        .append(derivation.text())
                        .append("\n\nPinned by ")
                        .append(derivation.tests().stream()
                                .map(GeneratedPage::code)
                                .collect(Collectors.joining(", ")))
                        .append(".\n"));
        return page.toString();
    }
}
