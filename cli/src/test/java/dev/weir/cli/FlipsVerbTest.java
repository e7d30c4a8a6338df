package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FlipsVerbTest {

    private static final String OLD = "id,label,prediction\na,3,2\nb,3,1\nc,0,0\nd,2,2\n";
    private static final String NEW = "id,label,prediction\na,3,1\nb,3,3\nc,0,0\nd,2,3\n";

    @TempDir
    private Path directory = Path.of("");

    record Result(int code, String out, String err) {

        JsonNode json() throws IOException {
            return Json.parse(out.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void theFlipExampleIsOneJsonDocument() throws IOException {
        Result result = flips(OLD, NEW, "--json");
        JsonNode json = result.json();
        assertThat(result.code()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(json.at("/confidence").asDouble()).isEqualTo(0.95);
        assertThat(json.at("/examples").asLong()).isEqualTo(4);
        assertThat(json.at("/total/nfr/value").asDouble()).isEqualTo(0.25);
        assertThat(json.at("/total/nfr/lower").asDouble()).isCloseTo(0.0455873, within(1e-6));
        assertThat(json.at("/total/nfr/upper").asDouble()).isCloseTo(0.6993582, within(1e-6));
        assertThat(json.at("/total/pfr/value").asDouble()).isEqualTo(0.25);
        assertThat(json.at("/total/nfi/value").asDouble()).isEqualTo(0.5);
        assertThat(json.at("/total/pfi/value").asDouble()).isEqualTo(0.5);
        assertThat(json.at("/total/netGain/value").asDouble()).isEqualTo(0);
        assertThat(json.at("/total/mcnemar/exact").asDouble()).isEqualTo(1);
        assertThat(json.at("/classes").findValuesAsText("class")).containsExactly("0", "2", "3");
        assertThat(json.at("/worstClass").asInt()).isEqualTo(2);
        assertThat(json.at("/slices")).isEmpty();
        assertThat(json.at("/unlabelled/churn/value").isNull()).isTrue();
    }

    @Test
    void theTableShowsTotalsClassesAndSlices() throws IOException {
        Result result = flips(
                "id,label,prediction,slice\na,1,1,night;rain\nb,1,1,\nc,,4,rain\n",
                "id,label,prediction,slice\na,1,2,night;rain\nb,1,1,\nc,,5,\n",
                "--confidence",
                "0.9");
        assertThat(result.code()).isZero();
        assertThat(result.out().lines().map(line -> line.strip().replaceAll(" +", " ")))
                .contains(
                        "in both 3 examples, 1 without a label",
                        "VALUE INTERVAL (90 %) COUNTS",
                        "accuracy, old 1.0000 0.4250 to 1.0000 2/2",
                        "negative flips (NFR) 0.5000 0.1209 to 0.8791 1/2",
                        "share of errors (NFI) 1.0000 0.2699 to 1.0000 1/1",
                        "errors kept (BEC) 0.0000 0.0000 to 0.7301 0/1",
                        "changed, without labels 1.0000 0.2699 to 1.0000 1/1",
                        "McNemar, exact p 1.0000",
                        "2 1 0 1.0000 0.5000 0.5000 0.1209 to 0.8791 1.0000 1.0000 1.0000 1",
                        "1 1 0 1.0000 0.0000 1.0000 0.2699 to 1.0000 1.0000 1.0000 1.0000 rain (and 1 without a label)");
    }

    @Test
    void examplesOfOneSideAndDuplicatesAreCounted() throws IOException {
        Result result = flips(
                "id,label,prediction\na,1,1\nx,1,1\ny,1,1\na,1,1\n",
                "prediction,id,label\n1,a,\n1,a,1\n1,a,\n7,z,\n",
                "--json");
        JsonNode json = result.json();
        assertThat(result.code()).isZero();
        assertThat(json.at("/examples").asLong()).isEqualTo(1);
        assertThat(json.at("/old/only").asLong()).isEqualTo(2);
        assertThat(json.at("/new/only").asLong()).isEqualTo(1);
        assertThat(json.at("/old/duplicates").asLong()).isEqualTo(1);
        assertThat(json.at("/new/duplicates").asLong()).isEqualTo(2);
        assertThat(json.at("/total/labelled").asLong()).isEqualTo(1);
    }

    @Test
    void filesWithNothingInCommonHaveUndefinedRates() throws IOException {
        Result json = flips("id,label,prediction\na,1,1\n", "id,label,prediction\nb,1,1\n", "--json");
        assertThat(json.code()).isZero();
        assertThat(json.json().at("/total/nfr/value").isNull()).isTrue();
        assertThat(json.json().at("/total/relativeNfr").isNull()).isTrue();
        assertThat(json.json().at("/worstClass").isNull()).isTrue();
        Result table = flips("id,label,prediction\n", "id,label,prediction\n");
        assertThat(table.code()).isZero();
        assertThat(table.out()).contains("in both  0 examples").doesNotContain("NaN", "CLASS");
    }

    @Test
    void theOrderOfRowsDoesNotMatter() throws IOException {
        String shuffled = "id,label,prediction\nd,2,3\nb,3,3\na,3,1\nc,0,0\n";
        assertThat(flips(OLD, shuffled, "--json").out())
                .isEqualTo(flips(OLD, NEW, "--json").out());
    }

    @Test
    void contradictionsAreRefusedByName() throws IOException {
        Result labels = flips(OLD, "id,label,prediction\na,3,1\nb,4,1\n");
        assertThat(labels.code()).isEqualTo(1);
        assertThat(labels.err().strip())
                .isEqualTo("weir: " + directory.resolve("new.csv")
                        + ":3: id b has label 4, and 3 before; allowed: one label for an id, in all files");
        Result predictions = flips(OLD + "a,3,5\n", NEW);
        assertThat(predictions.code()).isEqualTo(1);
        assertThat(predictions.err().strip())
                .isEqualTo("weir: " + directory.resolve("old.csv")
                        + ":6: id a has prediction 5, and 2 before; allowed: one prediction for an id in a file");
    }

    @Test
    void aBootstrapGivesIntervalsToTheOtherFigures() throws IOException {
        Result result = flips(OLD, NEW, "--bootstrap", "300", "--json");
        JsonNode json = Json.parse(result.out().getBytes(StandardCharsets.UTF_8));
        assertThat(flips(OLD, NEW, "--bootstrap", "300", "--json").out()).isEqualTo(result.out());
        assertThat(json.at("/negativeFlipsTo").toString()).isEqualTo("{\"2\":{\"3\":1}}");
        for (String figure : List.of("relativeNfr", "positiveToNegativeSmoothed", "macroNfr", "rootNfr")) {
            JsonNode one = json.at("/bootstrap/" + figure);
            assertThat(one.at("/value").asDouble())
                    .as(figure)
                    .isBetween(one.at("/lower").asDouble(), one.at("/upper").asDouble());
        }
        assertThat(json.at("/bootstrap/relativeNfr/value").asDouble())
                .isEqualTo(json.at("/total/relativeNfr").asDouble());
        assertThat(flips(OLD, NEW, "--bootstrap", "300").out()).contains("NFR, by roots of class sizes ");
        assertThat(flips(OLD, NEW).out()).doesNotContain("by roots");
        assertThat(flips(OLD, NEW, "--bootstrap", "-1").err().strip())
                .isEqualTo("weir: --bootstrap: is -1; allowed: 0 to 100000; see weir flips --help");
    }

    /** Three examples that NEW alone breaks, nine that OTHER alone breaks: the golden numbers of McNemar's test. */
    @Test
    void aThirdFileIsComparedWithTheNewOneExampleByExample() throws IOException {
        StringBuilder before = new StringBuilder("id,label,prediction\nx,1,1\n");
        StringBuilder after = new StringBuilder("id,label,prediction\nx,1,1\n");
        StringBuilder other = new StringBuilder("id,label,prediction\ny,1,1\ny,1,1\n");
        for (int i = 0; i < 40; i++) {
            before.append(i).append(",1,1\n");
            after.append(i).append(i < 5 ? ",1,0\n" : ",1,1\n");
            other.append(i).append(i < 2 || i >= 20 && i < 29 ? ",1,0\n" : ",1,1\n");
        }
        String file = Files.writeString(directory.resolve("other.csv"), other).toString();
        JsonNode json =
                flips(before.toString(), after.toString(), file, "--json").json();
        assertThat(json.at("/other/only").asLong()).isEqualTo(1);
        assertThat(json.at("/other/missing").asLong()).isEqualTo(1);
        assertThat(json.at("/other/duplicates").asLong()).isEqualTo(1);
        assertThat(json.at("/paired/labelled").asLong()).isEqualTo(40);
        assertThat(json.at("/paired/both").asLong()).isEqualTo(2);
        assertThat(json.at("/paired/onlyNew").asLong()).isEqualTo(3);
        assertThat(json.at("/paired/onlyOther").asLong()).isEqualTo(9);
        assertThat(json.at("/paired/nfrNew").asDouble()).isEqualTo(5 / 40.0);
        assertThat(json.at("/paired/nfrOther").asDouble()).isEqualTo(11 / 40.0);
        assertThat(json.at("/paired/difference/value").asDouble()).isEqualTo(-0.15);
        assertThat(json.at("/paired/difference/upper").asDouble()).isCloseTo(0.013249, within(1e-6));
        assertThat(json.at("/paired/mcnemar/exact").asDouble()).isCloseTo(0.145996, within(1e-6));
        assertThat(json.at("/paired/mcnemar/midP").asDouble()).isCloseTo(0.092285, within(1e-6));
        assertThat(json.at("/paired/relativeNfi").asDouble()).isZero();
        assertThat(flips(before.toString(), after.toString(), file)
                        .out()
                        .lines()
                        .map(FlipsVerbTest::squeezed))
                .contains(
                        "other " + file + ": 1 examples only here, 1 duplicate rows, 1 of both missing",
                        "new less other -0.1500 -0.3132 to 0.0132 3 by new alone, 9 by other alone, 2 by both",
                        "McNemar, mid-p 0.0923");
        assertThat(flips(before.toString(), after.toString(), "--json").out()).doesNotContain("paired");
    }

    @Test
    void clustersAreDrawnAsAWholeAndStandBesideTheIntervalsOfIndependentExamples() throws IOException {
        StringBuilder before = new StringBuilder("id,label,prediction,cluster\n");
        StringBuilder after = new StringBuilder("id,label,prediction\n");
        for (int i = 0; i < 400; i++) {
            int document = i / 4;
            before.append(i)
                    .append(",1,1,")
                    .append(i < 396 ? "document " + document : "")
                    .append('\n');
            after.append(i).append(document % 10 == 0 ? ",1,0\n" : ",1,1\n");
        }
        JsonNode json = flips(before.toString(), after.toString(), "--json").json();
        assertThat(json.at("/clusters/count").asInt()).isEqualTo(99 + 4);
        assertThat(json.at("/clusters/alone").asInt()).isEqualTo(4);
        assertThat(json.at("/clusters/largest").asInt()).isEqualTo(4);
        assertThat(json.at("/clusters/replicates").asInt()).isEqualTo(1000);
        assertThat(json.at("/clusters/nfr/value").asDouble()).isEqualTo(0.1);
        double independent = json.at("/total/nfr/upper").asDouble()
                - json.at("/total/nfr/lower").asDouble();
        double clustered = json.at("/clusters/nfr/upper").asDouble()
                - json.at("/clusters/nfr/lower").asDouble();
        assertThat(clustered / independent).isBetween(1.6, 2.4);
        assertThat(json.at("/clusters/pfr/lower").isMissingNode())
                .as("nothing was mended, in any replicate")
                .isTrue();
        assertThat(json.at("/bootstrap/macroNfr/upper").asDouble()).isGreaterThan(0.1);
        String text =
                flips(before.toString(), after.toString(), "--bootstrap", "50").out();
        assertThat(text.lines().map(FlipsVerbTest::squeezed))
                .contains("103 clusters, 50 replicates; the largest has 4 examples, 4 examples stand alone");
        assertThat(text.lines().map(FlipsVerbTest::squeezed))
                .anyMatch(line -> line.matches("negative flips \\(NFR\\) 0.1000 0.0\\S+ to 0.1\\S+ 0.0743 to 0.1333"));
        Result contradiction = flips(before.toString(), "id,label,prediction,cluster\n0,1,1,document 9\n");
        assertThat(contradiction.err().strip())
                .isEqualTo("weir: " + directory.resolve("new.csv") + ":2: id 0 has cluster document 9, and document 0"
                        + " before; allowed: one cluster for an id, in all files");
    }

    @Test
    void theClusterOfEachExampleMayBeItself() throws IOException {
        String before = "id,label,prediction,cluster\na,3,2,a\nb,3,1,b\nc,0,0,c\nd,2,2,d\n";
        JsonNode alone = flips(OLD, NEW, "--bootstrap", "300", "--json").json();
        JsonNode clustered = flips(before, NEW, "--bootstrap", "300", "--json").json();
        assertThat(clustered.at("/bootstrap")).isEqualTo(alone.at("/bootstrap"));
    }

    @Test
    void boundsThatHoldAtEveryLookStandBesideWilsons() throws IOException {
        JsonNode json = flips(OLD, NEW, "--json").json();
        assertThat(json.at("/total/nfrAtEveryLook/lower").asDouble())
                .isLessThan(json.at("/total/nfr/lower").asDouble());
        assertThat(json.at("/total/nfrAtEveryLook/upper").asDouble())
                .isGreaterThan(json.at("/total/nfr/upper").asDouble());
        assertThat(flips(OLD, NEW).out()).contains("NFR, at every look");
    }

    @Test
    void faultsAreOneLine() throws IOException {
        assertThat(flips(OLD, "id,label,prediction\na,3,x\n").err().strip())
                .isEqualTo("weir: " + directory.resolve("new.csv")
                        + ":2: column prediction is 'x'; allowed: a class number, 0 to 2147483647");
        Result confidence = flips(OLD, NEW, "--confidence", "95");
        assertThat(confidence.code()).isEqualTo(2);
        assertThat(confidence.err().strip())
                .isEqualTo("weir: --confidence: is 95.0; allowed: between 0 and 1; see weir flips --help");
        assertThat(weir("flips", "/no/such.csv", "/no/other.csv").err().strip())
                .isEqualTo("weir: /no/such.csv: no such file");
    }

    private static String squeezed(String line) {
        return line.strip().replaceAll(" +", " ");
    }

    private Result flips(String before, String after, String... options) throws IOException {
        Path oldFile = Files.writeString(directory.resolve("old.csv"), before);
        Path newFile = Files.writeString(directory.resolve("new.csv"), after);
        String[] args = new String[options.length + 3];
        args[0] = "flips";
        args[1] = oldFile.toString();
        args[2] = newFile.toString();
        System.arraycopy(options, 0, args, 3, options.length);
        return weir(args);
    }

    private static Result weir(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Weir.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
        return new Result(code, out.toString(), err.toString());
    }
}
