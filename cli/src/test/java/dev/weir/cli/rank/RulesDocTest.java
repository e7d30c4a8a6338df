package dev.weir.cli.rank;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.choice.BradleyTerry;
import dev.weir.operators.choice.OnlinePlatt;
import dev.weir.operators.choice.RuleSpec;
import dev.weir.operators.choice.Rules;
import dev.weir.operators.setting.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The page of rules must read as the code says; {@code -Dweir.write-docs=true} writes it instead. */
final class RulesDocTest {

    @Test
    void thePageNamesEveryRuleAndSetting() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Choosing candidates

                Generated from `Rules.all()` by `RulesDocTest`. `weir rank --rule NAME --set SETTING=VALUE TABLE.csv` ranks
                candidates; `--two-step` ranks within each group of tasks first, then over the groups, which count the same.

                ## Tables

                The first row names the columns, the first column the rows. Greater scores are better; take the negative of a
                loss. Rows named `#weight` and `#group` say what each task counts (default 1) and what it belongs to. `nash` and
                `condorcet-weights` find weights of tasks themselves, and take none from the table.

                ```csv
                model,squad,snli,wino
                small,71.2,80.1,
                large,75.9,79.8,66.0
                #weight,1,1,0.5
                #group,reading,inference,inference
                ```

                An empty cell is no score: `copeland`, `minimax`, `condorcet` and `buckets` compare a pair where both have one,
                `mean` and `optimality-gap` take the median of the task, all others refuse. Equal scores tie.

                ## Rules over scores
                """);
        Rules.all().forEach(rule -> append(page, rule));
        page.append("""

                ## Rules over other tables

                ### `bradley-terry`

                Strengths from counts: a cell is how often the row's player won against the column's, rows and columns being
                the same players. Newman 2023, arXiv:2207.00076. The score is ln strength; two players whose scores differ by d win
                against each other with probabilities 1 / (1 + e^-d) and 1 / (1 + e^d).
                """);
        table(page, BradleyTerry.SETTINGS);
        page.append("""

                ### `nash-agents`

                Nash averaging (above) of players against each other, from the same table, over the log-odds
                ln((w + 1/2) / (l + 1/2)).

                ### `ensemble`

                The convex combination of models whose outputs have the least squared error; Echtenbruck et al. 2022,
                arXiv:2206.11263. A row for each example with the columns `target`, `weight` if examples count differently, and one
                for each model. Weights of outputs are a proposal for weights of weights, to be evaluated.

                ### `online-platt`

                Candidates at equal calibration: the mean log loss that is left when each one's probabilities are scaled as they come,
                an example before its outcome. Gupta, Ramdas 2023, arXiv:2305.00070. A row for each example, in the order of time, with a
                column of probabilities for each model and what came, 0 or 1: `target`, or `MODEL-right` where each model says how
                sure it is of its own answer. The score is the negative loss; beside it the losses as they are and with calibeating (hops).
                """);
        table(page, OnlinePlatt.SETTINGS);
        Path file = Path.of(System.getProperty("weir.root", ".."), "docs/choice.md");
        if (Boolean.getBoolean("weir.write-docs")) {
            Files.writeString(file, page);
        }
        assertThat(file)
                .as("docs/choice.md is generated; write it with: mvn test -pl cli -am -Dtest=RulesDocTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dweir.write-docs=true")
                .hasContent(page.toString());
    }

    private static void append(StringBuilder page, RuleSpec rule) {
        page.append("\n### `%s` (%s)\n\n%s. %s.\n".formatted(rule.name(), rule.id(), rule.title(), rule.reference()));
        if (!rule.settings().isEmpty()) {
            table(page, rule.settings());
        }
    }

    private static void table(StringBuilder page, List<Setting> settings) {
        page.append("\n| setting | default | allowed | what |\n|---|---|---|---|\n");
        for (Setting setting : settings) {
            String byDefault = setting.byDefault().toString();
            page.append("| `%s` | %s | %s | %s |\n"
                    .formatted(
                            setting.name(),
                            byDefault.isEmpty() ? "" : "`" + byDefault + "`",
                            setting.allowed(),
                            setting.doc()));
        }
    }
}
