package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.cli.merge.ModelFiles;
import dev.weir.operators.Catalogue;
import dev.weir.operators.Facts;
import dev.weir.operators.Spec;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Provenance;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class MergeVerbTest {
    private static final List<TensorSpec> TENSORS = List.of(
            new TensorSpec("a.weight", Dtype.F32, List.of(30L, 40L)), new TensorSpec("n", Dtype.I64, List.of(1L)));

    @TempDir
    Path folder;

    private final List<Path> models = new ArrayList<>();

    record Result(int code, String out, String err) {}

    private static Result weir(List<String> args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Weir.run(new PrintWriter(out, true), new PrintWriter(err, true), args.toArray(String[]::new));
        return new Result(code, out.toString(), err.toString());
    }

    @BeforeEach
    void write() {
        for (int i = 0; i < 4; i++) {
            models.add(ModelFiles.random(folder.resolve("m" + i), TENSORS, i));
        }
    }

    static Stream<String> operatorsOfCheckpointsAlone() {
        return Catalogue.all().stream()
                .filter(spec -> spec.facts().inputs().equals(Facts.CHECKPOINTS))
                .map(Spec::name);
    }

    @ParameterizedTest
    @MethodSource("operatorsOfCheckpointsAlone")
    void mergesAnyFourModelsWithItsDefaults(String operator) {
        Result merged = merge(operator, models);
        assertThat(merged.err()).isEmpty();
        assertThat(merged.code()).isZero();
        try (SafetensorsFile out = SafetensorsFile.open(folder.resolve("out"))) {
            assertThat(out.layout().tensors()).isEqualTo(TENSORS);
        }
        for (float value : ModelFiles.read(folder.resolve("out"), "a.weight")) {
            assertThat(value).isFinite();
        }
    }

    @Test
    void theSameFileTwiceIsOneRunOfDiwa() {
        merge("uniform-soup", List.of(models.get(0), models.get(0), models.get(1)));
        float twice = ModelFiles.read(folder.resolve("out"), "a.weight")[0];
        merge("diwa", List.of(models.get(0), models.get(0), models.get(1)));
        float once = ModelFiles.read(folder.resolve("out"), "a.weight")[0];
        merge("uniform-soup", List.of(models.get(0), models.get(1)));
        assertThat(once)
                .isEqualTo(ModelFiles.read(folder.resolve("out"), "a.weight")[0])
                .isNotEqualTo(twice);
    }

    @Test
    void filesOfAnotherAncestorAreRefusedWhereModelsOfOneAreAveraged() {
        for (String operator : List.of("ratatouille", "fusing")) {
            Result refused = merge(operator, List.of(said(0, "ancestor", "vit"), said(1, "ancestor", "resnet")));
            assertThat(refused.code()).as(operator).isEqualTo(1);
            assertThat(refused.err())
                    .contains(folder.resolve("said-1") + ": ancestor-differs: run")
                    .contains("descends from resnet; allowed: vit");
            assertThat(folder.resolve("out")).doesNotExist();
        }
        assertThat(merge("ratatouille", List.of(said(0, "auxiliary", "birds", "target", "birds")))
                        .err())
                .contains("auxiliary-is-target: run");
        assertThat(merge("ratatouille", models, "--set", "ancestor=vit").err()).contains("ancestor-unsaid: run");
        assertThat(merge("ratatouille", List.of(said(0, "ancestor", "v".repeat(257))))
                        .err())
                .contains(folder.resolve("said-0") + ": provenance ancestor has 257 bytes; allowed: 1 to 256");
    }

    @Test
    void whatIsMergedSaysWhatItsInputsSayAlikeAndABaseSaysNothing() {
        Path cars = said(0, "ancestor", "vit", "auxiliary", "cars", "target", "birds");
        Path dogs = said(1, "ancestor", "vit", "auxiliary", "dogs", "target", "birds");
        assertThat(merge("ratatouille", List.of(cars, dogs)).code()).isZero();
        assertThat(metadata()).isEqualTo(Map.of("weir.ancestor", "vit", "weir.target", "birds"));
        assertThat(merge("lcsc", List.of(cars, dogs), "--set", "coefficients=0.5,0.5")
                        .code())
                .isZero();
        assertThat(metadata()).isEqualTo(Map.of("weir.ancestor", "vit", "weir.target", "birds"));
        merge("uniform-soup", List.of(cars, models.get(1)));
        assertThat(metadata()).isEmpty();
        Path calibrated = said(2, "calibration", "mixup+label-smoothing");
        assertThat(merge("wise-ft", List.of(calibrated), "--base", models.get(0).toString())
                        .code())
                .isZero();
        assertThat(metadata()).as("BANG").isEqualTo(Map.of("weir.calibration", "mixup+label-smoothing"));
    }

    /** A model with the same weights that says what it descends from. */
    private Path said(int number, String... keysAndValues) {
        SortedMap<String, String> provenance = new TreeMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            provenance.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        Path file = folder.resolve("said-" + number);
        try (SafetensorsFile model = SafetensorsFile.open(models.get(number));
                SafetensorsWriter writer =
                        SafetensorsWriter.create(file, model.layout(), Provenance.toMetadata(provenance))) {
            for (int chunk = 0; chunk < model.layout().chunkCount(); chunk++) {
                writer.write(model.read(model.layout().chunk(chunk)));
            }
        }
        return file;
    }

    private Map<String, String> metadata() {
        try (SafetensorsFile out = SafetensorsFile.open(folder.resolve("out"))) {
            return out.metadata();
        }
    }

    @Test
    void aBaseIsTheFirstInput() {
        merge("model-stock", models);
        float[] first = ModelFiles.read(folder.resolve("out"), "a.weight");
        merge("model-stock", models.subList(1, 4), "--base", models.get(0).toString());
        assertThat(ModelFiles.read(folder.resolve("out"), "a.weight")).isEqualTo(first);
        merge("fusing", models, "--set", "share=0.5");
        first = ModelFiles.read(folder.resolve("out"), "a.weight");
        String base = models.get(0).toString();
        merge("fusing", models.subList(1, 4), "--set", "share=0.5", "--base", base);
        assertThat(ModelFiles.read(folder.resolve("out"), "a.weight")).isEqualTo(first);
        assertThat(merge("fusing", models, "--base", base).err())
                .as("with a share of 1 there is no base")
                .contains("--base: operator fusing takes checkpoints only");
    }

    @Test
    void whatAnOperatorCountedIsPrinted() throws Exception {
        assertThat(merge("tinting", models, "--set", "layers=*:2/0.5/-1").out()).isEqualTo("clamped-coefficients 2\n");
        JsonNode document =
                Json.parse(merge("model-stock", models, "--json").out().getBytes(StandardCharsets.UTF_8));
        assertThat(document.path("clamped-tensors").asLong(-1)).isZero();
        assertThat(document.path("inputs").asInt()).isEqualTo(4);
    }

    @Test
    void whatPassesByIsSaidWithItsReason() throws Exception {
        List<Path> again = List.of(models.get(0), models.get(0), models.get(1));
        String reason = "too-near: 0.0 from the average; enters: above 0.0";
        assertThat(merge("naswa", again).out()).isEqualTo("passed by: " + models.get(0) + ": " + reason + "\n");
        JsonNode document = Json.parse(merge("naswa", again, "--json").out().getBytes(StandardCharsets.UTF_8));
        assertThat(document.path("entered").asInt()).isEqualTo(2);
        assertThat(document.path("passedBy").path(0).path("input").asText())
                .isEqualTo(models.get(0).toString());
        assertThat(document.path("passedBy").path(0).path("reason").asText()).isEqualTo(reason);
        assertThat(merge("naswa", again, "--set", "tensors=x").err())
                .contains(models.get(0) + ": tensors-unmatched: setting tensors: x matches no tensor that is averaged");
    }

    @Test
    void inputsThatTheSettingsLeaveOutAreCounted() throws Exception {
        assertThat(merge("windowed-swa", models).out())
                .as("one in five by default")
                .isEqualTo("left out by the settings: 3 of the inputs\n");
        assertThat(merge("swa", models, "--set", "from-step=2").out())
                .isEqualTo("left out by the settings: 1 of the inputs\n");
        assertThat(merge("diwa", List.of(models.get(0), models.get(0))).out()).contains(": 1 of the inputs");
        assertThat(merge("swa", models).out()).isEmpty();
        assertThat(merge("naswa", List.of(models.get(0), models.get(0))).out())
                .startsWith("passed by: ")
                .doesNotContain("left out");
        JsonNode document = Json.parse(
                merge("swa", models, "--set", "from-step=2", "--json").out().getBytes(StandardCharsets.UTF_8));
        assertThat(document.path("entered").asInt()).isEqualTo(3);
        assertThat(document.path("inputs").asInt()).isEqualTo(4);
    }

    @Test
    void masksOfASparseSoupAreItsZerosOrFiles() {
        Path zeros = ModelFiles.of(folder.resolve("zeros"), "w", 0, 2, 0);
        Path other = ModelFiles.of(folder.resolve("other"), "w", 0, 4, 6);
        Path mask = ModelFiles.of(folder.resolve("mask"), "w", 0, 1, 1);
        List<Path> both = List.of(zeros, other);
        assertThat(merge("sparse-soup", both).err())
                .contains(other + ": mask-differs: tensor w has 1 zeros more or fewer than the first model's");
        Result masked =
                merge("sparse-soup", both, "--side", "mask=" + mask, "--side", "mask=" + mask, "--set", "weights=1,3");
        assertThat(masked.err()).isEmpty();
        assertThat(ModelFiles.read(folder.resolve("out"), "w")).containsExactly(0, 3.5f, 4.5f);
        assertThat(merge("sparse-soup", both, "--side", "fisher=" + mask).err())
                .contains("--side: fisher=" + mask + " means nothing to operator sparse-soup");
    }

    @Test
    void aModelThatIsNotFiniteIsRefusedByItsNameWhereItWouldBeAveraged() {
        Path sound = ModelFiles.of(folder.resolve("sound"), "w", 1, 2, 3);
        Path nan = ModelFiles.of(folder.resolve("nan"), "w", 1, Float.NaN, 3);
        String said = "weir: merge: " + nan + ": tensor w element 1 is NaN; allowed: finite weights where they are"
                + " averaged; leave the model out, or give --tensor w=copy-latest";
        for (String operator : List.of("ema", "swa", "lawa", "model-stock", "wise-ft", "lcsc")) {
            Result refused = merge(operator, List.of(sound, nan, sound));
            assertThat(refused.err().strip()).as(operator).isEqualTo(said);
            assertThat(refused.code()).as(operator).isEqualTo(1);
            assertThat(folder.resolve("out")).doesNotExist();
        }
        assertThat(merge("rws", List.of(sound, nan, sound, sound)).err().strip())
                .as("reduced before")
                .isEqualTo(said);
        Path infinite = ModelFiles.of(folder.resolve("infinite"), "w", 1, 1, Float.NEGATIVE_INFINITY);
        assertThat(merge("ema", List.of(infinite, sound)).err())
                .contains(infinite + ": tensor w element 2 is -Infinity; allowed: finite weights");
        assertThat(merge("ema", List.of(sound, nan), "--tensor", "w=copy-latest")
                        .code())
                .isZero();
        assertThat(ModelFiles.read(folder.resolve("out"), "w")).containsExactly(1, Float.NaN, 3);
    }

    @Test
    void aResultThatItsDtypeCannotHoldIsRefused() {
        Path large = ModelFiles.of(folder.resolve("large"), "w", 1, 3e38f);
        Path small = ModelFiles.of(folder.resolve("small"), "w", 1, -3e38f);
        assertThat(merge("lcsc", List.of(large, small), "--set", "coefficients=10,-9")
                        .err()
                        .strip())
                .isEqualTo("weir: merge: tensor w element 1 comes out as Infinity, and all models are finite; allowed:"
                        + " results that F32 can hold; take smaller coefficients, or models in a wider dtype");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void optionsThatMeanNothingToAnOperatorAreRefused() {
        String side = "fisher=" + models.get(0);
        assertThat(merge("ema", models, "--side", side).err())
                .contains("--side: operator ema takes checkpoints only; allowed: the inputs in their order");
        assertThat(merge("wise-ft", models, "--side", side).err())
                .contains("--side: " + side + " means nothing to operator wise-ft; allowed: none");
        assertThat(merge("fisher", models).err())
                .contains("needs a fisher file of each input; allowed: --side fisher=FILE");
        assertThat(merge("fisher", models, "--side", side).err())
                .contains("1 side files for 4 models; allowed: one each, in their order");
        assertThat(merge("lcsc", models, "--base", models.get(0).toString()).err())
                .contains("--base: operator lcsc has no base");
        assertThat(merge("rws", models.subList(0, 3)).err())
                .contains(
                        "operator rws: 3 models; allowed: 4 or more, which are base, standard, robust models, target");
        assertThat(merge("model-stonk", models).err()).contains("operator model-stonk: unknown; allowed: swa,");
    }

    @Test
    void whatOnlyAPlanCanSayIsRefused() {
        for (String setting : List.of("flip-budget=15", "keep-accuracy=true", "from=ema", "keep-baseline=true")) {
            String name = setting.substring(0, setting.indexOf('='));
            Result refused = merge("bcwi", models.subList(0, 2), "--set", setting);
            assertThat(refused.err().strip())
                    .isEqualTo(
                            "weir: --set " + name + ": means nothing to operator bcwi over files; allowed: in a plan;"
                                    + " see docs/operators/bcwi.md");
            assertThat(refused.code()).isEqualTo(2);
        }
        assertThat(merge("kalman", models, "--set", "loss-input=loss").code()).isEqualTo(2);
        assertThat(merge("uniform-soup", models, "--set", "weight-input=samples")
                        .code())
                .isEqualTo(2);
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void aPatternThatMatchesNoTensorIsRefused() {
        for (String[] one : new String[][] {
            {"rws", "layers=conv*"},
            {"layer-wise", "layers=a*:0.5,conv*:0.1"},
            {"tinting", "layers=conv*:1/1/1"},
            {"learned-soup", "logits=conv*:1/2/3/4"},
            {"swamp", "prune=conv*", "sparsity=0.5"},
            {"wemoe", "mlp=conv*"}
        }) {
            List<String> more = new ArrayList<>(List.of("--set", one[1]));
            if (one[0].equals("swamp")) {
                more.addAll(List.of("--set", one[2]));
            }
            Result refused = merge(one[0], models, more.toArray(String[]::new));
            assertThat(refused.err().strip())
                    .isEqualTo("weir: merge: setting " + one[1].substring(0, one[1].indexOf('='))
                            + ": conv* matches no tensor that is averaged; allowed: globs over a.weight");
            assertThat(refused.code()).isEqualTo(1);
        }
        assertThat(folder.resolve("out")).doesNotExist();
        assertThat(merge("wemoe", models).code()).as("models without MLPs").isZero();
        assertThat(merge("wemoe", models, "--set", "routing=1,1,1").err()).contains("setting mlp: *mlp* matches no");
    }

    @Test
    void filesOfOtherNamesStayAsTheyAre() throws Exception {
        List<String> names = List.of("out.mean", "out.dense", "out.aligned-1");
        for (String name : names) {
            Files.writeString(folder.resolve(name), "mine");
        }
        Path equal = gram("equal", 2, 0, 0, 2);
        regmean(equal, equal);
        merge("swamp", models, "--set", "sparsity=0.5");
        merge("weight-matching", mlps());
        for (String name : names) {
            assertThat(folder.resolve(name)).hasContent("mine");
        }
    }

    @Test
    void anOutputThatCannotBeIsToldBeforeTheWork() {
        List<String> one = List.of(models.getFirst().toString());
        Path absent = folder.resolve("absent");
        for (List<String> words : List.of(
                List.of("merge", "--operator", "ema"),
                List.of("align", "--to", one.getFirst()),
                List.of("encode", "--base", one.getFirst()),
                List.of("decode", "--base", one.getFirst()))) {
            List<String> all = new ArrayList<>(words);
            all.addAll(List.of("-o", absent.resolve("out").toString()));
            all.addAll(one);
            Result refused = weir(all);
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err().strip())
                    .isEqualTo("weir: -o " + absent.resolve("out")
                            + ": its directory is not there; allowed: a file below one that is; make " + absent);
            all.set(all.size() - 2, folder.toString());
            assertThat(weir(all).err().strip())
                    .isEqualTo("weir: -o " + folder + ": is a directory; allowed: the name of a file");
        }
    }

    @Test
    void moreNumbersThanModelsAreRefused() {
        Result refused = merge("uniform-soup", models.subList(0, 2), "--set", "weights=1,2,3");
        assertThat(refused.err().strip())
                .isEqualTo("weir: --set weights: 3 numbers for 2 models; allowed: one a model at most, in their order");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(merge("uniform-soup", models.subList(0, 2), "--set", "weights=1")
                        .code())
                .as("the last holds for those that follow")
                .isZero();
        Path side = ModelFiles.positive(folder.resolve("side"), TENSORS.subList(0, 1), 9);
        String[] hessians = {"--side", "hessian=" + side, "--side", "hessian=" + side, "--set", "weights=1,2"};
        assertThat(merge("gradient-matching", models.subList(0, 2), hessians).err())
                .as("a base is no model")
                .contains("--set weights: 2 numbers for 1 models");
    }

    @Test
    void regmeanOfEqualGramsIsTheMeanAndOfOthersFollowsThem() {
        Path equal = gram("equal", 2, 0, 0, 2);
        assertThat(regmean(equal, equal)).containsExactly(new float[] {2, 3, 4, 5}, within(1e-5f));
        // The first model has no input but the first, the second none but the second: each column is that model's.
        assertThat(regmean(gram("first", 1, 0, 0, 0), gram("second", 0, 0, 0, 1)))
                .containsExactly(new float[] {1, 4, 3, 6}, within(1e-4f));
        assertThat(ModelFiles.read(folder.resolve("out"), "0.bias")).containsExactly(15, 25);
        assertThat(folder).isDirectoryNotContaining("glob:**{mean,aligned}*");
    }

    @Test
    void regmeanGivesItsGoldenNumbersThroughF32Files() {
        Path first = mlp("golden-1", 0, 0, 1, 2, 0, 0, 1, 1, 1, 1);
        Path second = mlp("golden-2", 0, 0, 3, -1, 0, 0, 1, 1, 1, 1);
        String[] more = {
            "--set",
            "off-diagonal=1",
            "--set",
            "ridge=0",
            "--side",
            "gram=" + gram("golden-c1", 2, 1, 1, 3),
            "--side",
            "gram=" + gram("golden-c2", 4, -1, -1, 2)
        };
        assertThat(merge("regmean", List.of(first, second), more).out()).isEqualTo("layers-solved 1\n");
        assertThat(ModelFiles.read(folder.resolve("out"), "0.weight"))
                .containsExactly(new float[] {2.833333333f, 0.4f, 0, 0}, within(1e-6f));
    }

    @Test
    void regmeanRefusesAGramThatIsNearlySingular() {
        String[] more = {
            "--set",
            "off-diagonal=1",
            "--set",
            "ridge=0",
            "--side",
            "gram=" + gram("same-1", 1, 1, 1, 1),
            "--side",
            "gram=" + gram("same-2", 1, 1, 1, 1)
        };
        Result refused = merge("regmean", mlps(), more);
        assertThat(refused.err())
                .contains("Gram matrix of 0.weight")
                .contains("too near to a singular matrix")
                .contains("take more examples or a larger ridge");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void regmeanRefusesGramsThatDoNotFit() {
        List<Path> two = mlps();
        assertThat(merge("regmean", two).err()).contains("operator regmean needs a gram file of each input");
        String side = "gram=" + gram("only", 1, 0, 0, 1);
        assertThat(merge("regmean", two, "--side", side).err())
                .contains("1 Gram files for 2 models; allowed: one each, in their order");
        String other = "gram=" + two.getFirst();
        assertThat(merge("regmean", two, "--side", other, "--side", other).err())
                .contains("is no Gram matrix of the model's");
    }

    @Test
    void weightMatchingAveragesUnitsInTheOrderOfTheFirstModel() {
        Path first = mlp("first", 5, 6, 1, 2, 3, 4, 7, 8, 9, 10);
        Path swapped = mlp("swapped", 6, 5, 3, 4, 1, 2, 8, 7, 10, 9);
        Result merged = merge("weight-matching", List.of(first, swapped));
        assertThat(merged.out()).isEqualTo("moved-units 2\n");
        assertThat(ModelFiles.read(folder.resolve("out"), "0.weight")).containsExactly(1, 2, 3, 4);
        assertThat(ModelFiles.read(folder.resolve("out"), "2.weight")).containsExactly(7, 8, 9, 10);
        assertThat(folder).isDirectoryNotContaining("glob:**{mean,aligned}*");
    }

    @Test
    void weightMatchingOfOtherModelsSaysWhatToDo() {
        assertThat(merge("weight-matching", models).err())
                .contains("no plain multi-layer perceptron")
                .contains("use weir align --spec, then weir merge --operator uniform-soup");
    }

    @Test
    void methodsOfEvaluationsAreRefusedWithTheirVerb() {
        assertThat(merge("flips", models).err()).contains("takes predictions").contains("use weir flips");
        assertThat(merge("nash", models).err()).contains("takes scores").contains("use weir rank --rule nash");
    }

    @Test
    void everyOperatorIsListedWithWhatItNeeds() throws Exception {
        Result listed = weir(List.of("operators", "--json"));
        assertThat(listed.code()).isZero();
        JsonNode all = Json.parse(listed.out().getBytes(StandardCharsets.UTF_8));
        assertThat(all).hasSize(Catalogue.all().size());
        assertThat(all).allSatisfy(one -> {
            assertThat(one.path("id").asText()).matches("[A-Z]\\d*");
            assertThat(one.path("family").asText())
                    .isEqualTo(one.path("id").asText().substring(0, 1));
            assertThat(one.path("title").asText()).isNotEmpty();
            assertThat(one.path("shape").asText()).isNotEmpty();
            assertThat(one.path("settings").isArray()).isTrue();
            assertThat(one.path("inputs").path(0).asText()).isNotEmpty();
            assertThat(one.path("statePerParameter").isInt()).isTrue();
            assertThat(one.path("streams").isBoolean()).isTrue();
            assertThat(one.path("feedback").isBoolean()).isTrue();
        });
        assertThat(weir(List.of("operators")).out().lines())
                .hasSize(Catalogue.all().size());
    }

    private float[] regmean(Path first, Path second) {
        assertThat(merge("regmean", mlps(), "--side", "gram=" + first, "--side", "gram=" + second)
                        .out())
                .isEqualTo("layers-solved 1\n");
        return ModelFiles.read(folder.resolve("out"), "0.weight");
    }

    private List<Path> mlps() {
        return List.of(mlp("one", 10, 20, 1, 2, 3, 4, 1, 1, 1, 1), mlp("two", 20, 30, 3, 4, 5, 6, 1, 1, 1, 1));
    }

    /** Two inputs, two hidden units, two outputs: 0.bias, 0.weight, 2.weight. */
    private Path mlp(String name, float... values) {
        return ModelFiles.of(
                folder.resolve(name),
                List.of(
                        new TensorSpec("0.bias", Dtype.F32, List.of(2L)),
                        new TensorSpec("0.weight", Dtype.F32, List.of(2L, 2L)),
                        new TensorSpec("2.weight", Dtype.F32, List.of(2L, 2L))),
                values);
    }

    private Path gram(String name, float... values) {
        return ModelFiles.of(
                folder.resolve(name), List.of(new TensorSpec("0.weight", Dtype.F32, List.of(2L, 2L))), values);
    }

    private Result merge(String operator, List<Path> inputs, String... more) {
        List<String> args = new ArrayList<>(List.of("merge", "--operator", operator, "-o"));
        args.add(folder.resolve("out").toString());
        args.addAll(List.of(more));
        inputs.forEach(input -> args.add(input.toString()));
        return weir(args);
    }
}
