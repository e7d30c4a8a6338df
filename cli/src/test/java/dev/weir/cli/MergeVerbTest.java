package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.cli.merge.ModelFiles;
import dev.weir.operators.Catalogue;
import dev.weir.operators.Facts;
import dev.weir.operators.Spec;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        MergeRun merged = merge(operator, models);
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
    void patternsThatAreForNoTensorAreNamed() throws Exception {
        MergeRun text = merge("swa", models, "--tensor", "a.*=average", "--tensor", "running_*=copy-latest");
        assertThat(text.code()).isZero();
        assertThat(text.out().lines()).containsExactly("matches no tensor: --tensor running_*");
        String said = merge("swa", models, "--tensor", "b=skip", "--tensor", "n=skip", "--json")
                .out();
        JsonNode document = Json.parse(said.getBytes(StandardCharsets.UTF_8));
        assertThat(document.path("unmatched")).extracting(JsonNode::asText).containsExactly("b");
        assertThat(merge("swa", models).out()).isEmpty();
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
        MergeRun masked =
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
            MergeRun refused = merge(operator, List.of(sound, nan, sound));
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
            MergeRun refused = merge("bcwi", models.subList(0, 2), "--set", setting);
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
            MergeRun refused = merge(one[0], models, more.toArray(String[]::new));
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
            MergeRun refused = MergeRun.weir(all);
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err().strip())
                    .isEqualTo("weir: -o " + absent.resolve("out")
                            + ": its directory is not there; allowed: a file below one that is; make " + absent);
            all.set(all.size() - 2, folder.toString());
            assertThat(MergeRun.weir(all).err().strip())
                    .isEqualTo("weir: -o " + folder + ": is a directory; allowed: the name of a file");
        }
    }

    @Test
    void moreNumbersThanModelsAreRefused() {
        MergeRun refused = merge("uniform-soup", models.subList(0, 2), "--set", "weights=1,2,3");
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
        MergeRun listed = MergeRun.weir(List.of("operators", "--json"));
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
        assertThat(MergeRun.weir(List.of("operators")).out().lines())
                .hasSize(Catalogue.all().size());
    }

    private MergeRun merge(String operator, List<Path> inputs, String... more) {
        return MergeRun.of(folder, operator, inputs, more);
    }
}
