package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
import dev.weir.cli.WeirException;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.cli.rank.RankText;
import dev.weir.cli.rank.Ranking;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "rank",
        description = {
            "Ranks candidates by a table, without a broker. The first row names the columns, the first column the",
            "rows; greater scores are better, an empty cell is no score. Rows named #weight and #group say what the",
            "tasks count and belong to. The rules bradley-terry and nash-agents read how often each row won against",
            "each column, ensemble reads predictions: a row for each example, the columns target and, if examples count",
            "differently, weight, and a column for each model. online-platt reads probabilities in the order of time: a column",
            "for each model, and what came, 0 or 1, as target or MODEL-right."
        },
        footer = {
            "",
            "Examples:",
            "  weir rank --rule nash scores.csv",
            "  weir rank --rule buckets --set margin=0.2 scores.csv",
            "  weir rank --rule bradley-terry --json wins.csv"
        })
final class RankVerb implements Callable<Integer> {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(
            names = "--rule",
            required = true,
            paramLabel = "NAME",
            description = "How to rank, such as nash, copeland or kemeny; an unknown one lists them all.")
    private String rule = "";

    @Option(names = "--set", paramLabel = "SETTING=VALUE", description = "A setting of the rule; may be repeated.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(
            names = "--two-step",
            description = "Rank within each group of tasks first, then over the groups, which count the same.")
    private boolean twoStep;

    @Parameters(index = "0", paramLabel = "SCORES.csv", description = "Table to rank.")
    private Path file = Path.of("");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (!Ranking.rules().contains(rule)) {
            throw new UsageException(
                    "--rule", "is " + rule, "allowed: " + String.join(", ", Ranking.rules()), "see docs/choice.md");
        }
        try {
            Ranking.check(rule, settings, twoStep);
        } catch (IllegalArgumentException refused) {
            throw new UsageException("rank", String.valueOf(refused.getMessage()), "", "see docs/choice.md");
        }
        Ranking ranking;
        try {
            ranking = Ranking.of(rule, settings, twoStep, file);
        } catch (IllegalArgumentException refused) {
            throw new WeirException("rank", String.valueOf(refused.getMessage()), "", "", refused);
        }
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            out.println(Json.pretty(RankText.document(ranking)));
        } else {
            RankText.print(ranking, out);
        }
        out.flush();
        return ExitCode.DONE;
    }
}
