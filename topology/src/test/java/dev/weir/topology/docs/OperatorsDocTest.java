package dev.weir.topology.docs;

import static dev.weir.topology.docs.GeneratedPage.code;
import static dev.weir.topology.docs.GeneratedPage.row;

import dev.weir.operators.OperatorSpec;
import dev.weir.operators.Operators;
import dev.weir.operators.setting.Setting;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class OperatorsDocTest {

    @Test
    void thePageNamesEveryOperatorAndSetting() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Operators

                Generated from `Operators.all()` by `OperatorsDocTest`. A channel of a plan names one operator and its settings;
                `weir merge --operator NAME --set SETTING=VALUE` takes the same. What is left out keeps its default. A setting
                that is unknown, out of range or without effect is refused before anything runs.
                """);
        for (OperatorSpec operator : Operators.all()) {
            page.append("\n## `%s`: %s\n\n%s.\n\n".formatted(operator.name(), operator.title(), operator.reference()));
            page.append(row("setting", "default", "allowed", "what")).append("|---|---|---|---|\n");
            for (Setting setting : operator.settings()) {
                boolean unset = setting.byDefault() instanceof Double number && number.isNaN();
                page.append(row(
                        code(setting.name()),
                        unset ? "not set" : code(setting.byDefault().toString()),
                        setting.allowed(),
                        setting.doc()));
            }
        }
        GeneratedPage.assertUpToDate("operators/README.md", page.toString());
    }
}
