package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.cli.rank.Ranking;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RankVerbTest {

    private static final String SCORES = """
            model,glue,squad,snli,copa,wino
            a,3,3,3,1,1
            b,2,2,2,3,3
            c,1,1,1,2,2
            """;

    @TempDir
    private Path directory = Path.of("");

    record Result(int code, String out, String err) {}

    @Test
    void theBestCandidateStandsFirst() throws IOException {
        Result copeland = rank(SCORES, "--rule", "copeland");
        assertThat(copeland.err()).isEmpty();
        assertThat(copeland.out()).isEqualToNormalizingNewlines("""
                               RANK        SCORE  CANDIDATE
                                  1            2  a
                                  2            1  b
                                  3            0  c
                        """);
        assertThat(rank(SCORES, "--rule", "borda").out().lines().skip(1))
                .map(line -> line.strip().split("\\s+")[2])
                .containsExactly("b", "a", "c");
    }

    @Test
    void everyRuleOfScoresRanksAndReports() throws IOException {
        List<String> rules = new ArrayList<>(Ranking.rules());
        rules.removeAll(List.of("bradley-terry", "nash-agents", "ensemble", "online-platt"));
        assertThat(rules).hasSizeGreaterThan(10);
        for (String rule : rules) {
            JsonNode json = json(rank(SCORES, "--rule", rule, "--json"));
            assertThat(json.at("/rule").asText()).isEqualTo(rule);
            assertThat(json.at("/candidates")).as(rule).hasSize(3);
            assertThat(json.at("/candidates/0/rank").asInt()).as(rule).isEqualTo(1);
            assertThat(json.at("/candidates/2/name").asText()).as(rule).isNotEqualTo("b");
        }
    }

    @Test
    void weightsGroupsAndSettingsAreTaken() throws IOException {
        String weighted = SCORES + "#weight,1,1,1,2,2\n";
        assertThat(json(rank(weighted, "--rule", "condorcet", "--json"))
                        .at("/candidates/0/name")
                        .asText())
                .isEqualTo("b");
        String grouped = SCORES + "#group,x,x,x,y,z\n";
        assertThat(json(rank(grouped, "--rule", "rank-sum", "--two-step", "--json"))
                        .at("/candidates/0/name")
                        .asText())
                .isEqualTo("b");
        assertThat(json(rank(SCORES, "--rule", "buckets", "--set", "margin=0.21", "--json"))
                        .at("/candidates/2/rank")
                        .asInt())
                .isEqualTo(1);
        Result refused = rank(SCORES, "--rule", "buckets", "--set", "margin=2");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err().strip())
                .isEqualTo(
                        "weir: rank: operator buckets: setting margin: 2 is not allowed; allowed: a number from 0.0 to"
                                + " 1.0; see docs/choice.md");
    }

    @Test
    void wrongUsageIsToldBeforeTheTableIsRead() {
        for (List<String> wrong : List.of(
                List.of("--rule", "bradley-terry", "--set", "tolerance=2"),
                List.of("--rule", "online-platt", "--set", "gamma=0"),
                List.of("--rule", "ensemble", "--set", "gamma=1"),
                List.of("--rule", "nash-agents", "--two-step"),
                List.of("--rule", "minimax", "--set", "margins=true", "--set", "pairwise=true"))) {
            List<String> words = new ArrayList<>(List.of("rank"));
            words.addAll(wrong);
            words.add("/no/such.csv");
            Result refused = weir(words.toArray(String[]::new));
            assertThat(refused.code()).as(wrong.toString()).isEqualTo(2);
            assertThat(refused.err()).startsWith("weir: rank: ").contains("allowed: ");
        }
    }

    @Test
    void winsBelowZeroAreRefusedByTheirPlace() throws IOException {
        for (String rule : List.of("nash-agents", "bradley-terry")) {
            Result refused = rank("p,r,s\nr,0,-0.25\ns,1,0\n", "--rule", rule);
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err().strip())
                    .endsWith(":2: column s of r is -0.25; allowed: how often it won, 0 or more");
        }
    }

    @Test
    void nashSaysWhichTasksDecide() throws IOException {
        Result nash = rank("m,t,u,flat\nx,1,0,5\ny,0,1,5\n", "--rule", "nash");
        assertThat(nash.out()).isEqualToNormalizingNewlines("""
                               RANK        SCORE  PROBABILITY  CANDIDATE
                                  1      0.50000      0.50000  x
                                  1      0.50000      0.50000  y

                        PROBABILITY       RATING  TASK
                            0.50000     -0.50000  t
                            0.50000     -0.50000  u
                                  0            -  flat

                                  0  gain
                            0.50000  value
                        """);
    }

    @Test
    void headToHeadTablesGiveStrengths() throws IOException {
        String wins = "player,x,y,z\nx,,3,9\ny,1,,2\nz,1,2,\n";
        JsonNode json = json(rank(
                wins.replace(",,", ",0,").replace("2,\n", "2,0\n").replace("x,,", "x,0,"),
                "--rule",
                "bradley-terry",
                "--set",
                "prior=false",
                "--json"));
        assertThat(json.at("/candidates/0/name").asText()).isEqualTo("x");
        assertThat(json.at("/candidates/0/strength").asDouble()).isGreaterThan(1);
        JsonNode nash = json(rank("p,r,s\nr,0,3\ns,1,0\n", "--rule", "nash-agents", "--json"));
        assertThat(nash.at("/candidates/0/probability").asDouble()).isGreaterThan(0.999);
        assertThat(rank("p,r,s\nq,0,3\ns,1,0\n", "--rule", "bradley-terry").err())
                .contains("has rows [q, s] and columns [r, s]; allowed: the same players in rows and columns");
    }

    @Test
    void predictionsGiveEnsembleWeights() throws IOException {
        String predictions = "id,target,one,two\na,1,0,2\nb,2,1,3\nc,3,2,4\n";
        JsonNode json = json(rank(predictions, "--rule", "ensemble", "--json"));
        assertThat(json.at("/candidates/0/score").asDouble()).isEqualTo(0.5);
        assertThat(json.at("/figures/error").asDouble()).isLessThan(1e-12);
        assertThat(rank("id,one\na,1\n", "--rule", "ensemble").err())
                .contains("has columns [one]; allowed: target, a column for each model");
    }

    @Test
    @DisplayName("D6 ensemble: the weights are those of the errors, however large the target is beside them")
    void smallErrorsOfALargeTargetGiveTheSameWeights() throws IOException {
        for (double offset : new double[] {0, 1e9}) {
            StringBuilder predictions = new StringBuilder("id,target,one,two\n");
            double[][] errors = {{0.125, 0.25}, {0.125, -0.25}, {-0.125, 0.25}, {-0.125, -0.25}};
            for (int i = 0; i < errors.length; i++) {
                double target = offset + i;
                predictions.append("%d,%s,%s,%s\n".formatted(i, target, target + errors[i][0], target + errors[i][1]));
            }
            JsonNode json = json(rank(predictions.toString(), "--rule", "ensemble", "--json"));
            // Errors of variances 1/64 and 1/16 without correlation: weights 0.8 and 0.2.
            assertThat(json.at("/candidates/0/name").asText()).isEqualTo("one");
            assertThat(json.at("/candidates/0/score").asDouble()).isCloseTo(0.8, within(1e-9));
            assertThat(json.at("/candidates/0/error-alone").asDouble()).isCloseTo(1 / 64.0, within(1e-12));
            assertThat(json.at("/figures/error").asDouble()).isCloseTo(0.0125, within(1e-9));
        }
    }

    @Test
    @DisplayName("D7 online-platt ranks by what candidates know, not by how sure they say they are")
    void probabilitiesAreComparedAtEqualCalibration() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        StringBuilder shared = new StringBuilder("id,target,sharp,blunt\n");
        StringBuilder own = new StringBuilder("id,sharp,sharp-right,blunt,blunt-right\n");
        double asIs = 0;
        int examples = 2_000;
        for (int i = 0; i < examples; i++) {
            boolean likely = random.nextBoolean();
            int came = random.nextDouble() < (likely ? 0.9 : 0.1) ? 1 : 0;
            // The first knows which it is and says so ten times too surely, the second knows half of it and says so.
            double sharp = likely ? 0.9999 : 0.0001;
            double blunt = (random.nextInt(4) > 0) == likely ? 0.7 : 0.3;
            shared.append("%d,%d,%s,%s\n".formatted(i, came, sharp, blunt));
            own.append("%d,%s,%d,%s,%d\n".formatted(i, sharp, came, blunt, came));
            asIs -= Math.log(came == 1 ? sharp : 1 - sharp) / examples;
        }
        JsonNode json = json(rank(shared.toString(), "--rule", "online-platt", "--json"));
        JsonNode first = json.at("/candidates/0");
        JsonNode second = json.at("/candidates/1");
        assertThat(first.path("name").asText()).isEqualTo("sharp");
        assertThat(first.path("loss-as-is").asDouble()).isCloseTo(asIs, within(1e-9));
        assertThat(first.path("loss-as-is").asDouble())
                .isGreaterThan(second.path("loss-as-is").asDouble());
        assertThat(first.path("loss-scaled").asDouble())
                .as("entropy of 0.9 is 0.325")
                .isBetween(0.3, 0.36)
                .isEqualTo(-first.path("score").asDouble());
        assertThat(json(rank(own.toString(), "--rule", "online-platt", "--json")))
                .isEqualTo(json);

        Path file = directory.resolve("scores.csv");
        assertThat(rank("id,one\na,0.5\n", "--rule", "online-platt").err())
                .contains("has columns [one] and 1 rows; allowed: rows in the order of time");
        assertThat(rank("id,target,one\na,2,0.5\n", "--rule", "online-platt")
                        .err()
                        .strip())
                .isEqualTo("weir: " + file + ": row a column target: is 2.0; allowed: 0 or 1");
        assertThat(rank("id,target,one\na,1,1.5\n", "--rule", "online-platt")
                        .err()
                        .strip())
                .isEqualTo("weir: " + file + ": row a column one: is 1.5; allowed: 0 to 1");
    }

    @Test
    void faultsAreOneLine() throws IOException {
        Result rule = rank(SCORES, "--rule", "elo");
        assertThat(rule.code()).isEqualTo(2);
        assertThat(rule.err().lines())
                .singleElement()
                .asString()
                .startsWith("weir: --rule: is elo; allowed: mean, optimality-gap, plurality");
        Path file = directory.resolve("scores.csv");
        assertThat(rank("m,t\na,x\n", "--rule", "mean").err().strip())
                .isEqualTo("weir: " + file + ":2: column t of a is 'x'; allowed: a finite number, or nothing");
        assertThat(rank("m,t\na,1,2\n", "--rule", "mean").err().strip())
                .isEqualTo("weir: " + file + ":2: has 3 cells; allowed: 2, as the first row has");
        assertThat(rank("m\n", "--rule", "mean").err()).contains("holds no table");
        assertThat(rank("m,t\na,1\na,2\n", "--rule", "mean").err().strip())
                .isEqualTo("weir: rank: candidate a: comes twice; allowed: once");
        assertThat(rank("m,t\na,\nb,2\n", "--rule", "borda").err()).contains("candidate a has no score in task t");
        assertThat(weir("rank", "--rule", "mean", "/no/such.csv").err().strip())
                .isEqualTo("weir: /no/such.csv: no such file");
    }

    private Result rank(String table, String... options) throws IOException {
        Path file = Files.writeString(directory.resolve("scores.csv"), table);
        List<String> args = new ArrayList<>(List.of("rank"));
        args.addAll(List.of(options));
        args.add(file.toString());
        return weir(args.toArray(String[]::new));
    }

    private static JsonNode json(Result result) throws IOException {
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        return Json.parse(result.out().getBytes(StandardCharsets.UTF_8));
    }

    private static Result weir(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Weir.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        return new Result(code, out.toString(), err.toString());
    }
}
