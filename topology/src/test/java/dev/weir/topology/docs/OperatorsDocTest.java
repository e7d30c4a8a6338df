package dev.weir.topology.docs;

import static dev.weir.topology.docs.GeneratedPage.code;
import static dev.weir.topology.docs.GeneratedPage.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.Catalogue;
import dev.weir.operators.OperatorSpec;
import dev.weir.operators.SearchSpec;
import dev.weir.operators.Spec;
import dev.weir.operators.merge.MergeSpec;
import dev.weir.operators.setting.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class OperatorsDocTest {

    /** Measured; the integration tests write it. */
    private static final String RESULTS = "results.md";

    @Test
    void thePageNamesEveryOperator() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Operators

                Generated from `Catalogue.all()` by `OperatorsDocTest`, as are the pages that it leads to. A channel of a plan names
                one operator of a stream and its settings; `weir merge --operator NAME --set SETTING=VALUE` takes every operator of
                checkpoints. Those of evaluations (D, N) have the call that the table shows. What is left out keeps its default. A
                setting that is unknown, out of range or without effect is refused before anything runs. `weir operators` prints this
                list. What some of them make of a real data update is [measured](results.md).

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
        try (Stream<Path> pages = Files.list(Path.of(System.getProperty("weir.root", ".."), "docs", "operators"))) {
            assertThat(pages.map(page -> page.getFileName().toString()).filter(page -> !page.equals(RESULTS)))
                    .containsExactlyInAnyOrderElementsOf(Stream.concat(
                                    Stream.of("README.md"),
                                    Catalogue.all().stream().map(spec -> spec.name() + ".md"))
                            .toList());
        }
    }

    private static String runsOn(Spec operator) {
        if (operator instanceof SearchSpec) {
            return "streams, as a channel of a plan";
        }
        return operator.streams() ? "streams and files" : call(operator);
    }

    private static String call(Spec operator) {
        return operator.call().startsWith("weir merge") ? "files" : code(operator.call());
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
        page.append(row("", "")).append("|---|---|\n");
        page.append(row("shape", operator.facts().shape()));
        page.append(row(
                "runs on",
                operator instanceof OperatorSpec ? "streams, as a channel of a plan, and files" : runsOn(operator)));
        if (operator instanceof MergeSpec merge) {
            page.append(row("inputs, in order", String.join(", ", merge.roles())));
        }
        page.append(row("needs", String.join(", ", operator.facts().inputs())));
        if (operator.streams()) {
            page.append(row("state", operator.statePerParameter() + " bytes for each f32 parameter, by default"));
        }
        page.append(row("weights go back to trainers", operator.facts().feedback() ? "yes" : "no"));
        page.append(row("source", operator.reference()));
        if (operator.settings().isEmpty()) {
            return page.append("\nThere is nothing to set.\n").toString();
        }
        page.append('\n').append(row("setting", "default", "allowed", "what")).append("|---|---|---|---|\n");
        for (Setting setting : operator.settings()) {
            page.append(row(
                    code(setting.name()),
                    setting.defaultText().isEmpty() ? "not set" : code(setting.defaultText()),
                    setting.allowed(),
                    setting.doc()));
        }
        return page.toString();
    }
}
