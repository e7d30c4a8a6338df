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
import java.io.PrintWriter;
import java.io.StringWriter;
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
    void aBaseIsTheFirstInput() {
        merge("model-stock", models);
        float[] first = ModelFiles.read(folder.resolve("out"), "a.weight");
        merge("model-stock", models.subList(1, 4), "--base", models.get(0).toString());
        assertThat(ModelFiles.read(folder.resolve("out"), "a.weight")).isEqualTo(first);
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

    private Result merge(String operator, List<Path> inputs, String... more) {
        List<String> args = new ArrayList<>(List.of("merge", "--operator", operator, "-o"));
        args.add(folder.resolve("out").toString());
        args.addAll(List.of(more));
        inputs.forEach(input -> args.add(input.toString()));
        return weir(args);
    }
}
