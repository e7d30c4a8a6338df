package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.merge.ModelFiles;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Provenance;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What headers of inputs say of their descent decides, and what the header of a merged file says beside its tensors. */
final class MergedMetadataTest {
    private static final List<TensorSpec> TENSORS = List.of(new TensorSpec("a.weight", Dtype.F32, List.of(30L, 40L)));

    @TempDir
    Path folder;

    private final List<Path> models = new ArrayList<>();

    @BeforeEach
    void write() {
        for (int i = 0; i < 3; i++) {
            models.add(ModelFiles.random(folder.resolve("m" + i), TENSORS, i));
        }
    }

    @Test
    void filesOfAnotherAncestorAreRefusedWhereModelsOfOneAreAveraged() {
        for (String operator : List.of("ratatouille", "fusing")) {
            MergeRun refused = merge(operator, List.of(said(0, "ancestor", "vit"), said(1, "ancestor", "resnet")));
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
        assertThat(metadata()).isEqualTo(Map.of("format", "pt", "weir.ancestor", "vit", "weir.target", "birds"));
        assertThat(merge("lcsc", List.of(cars, dogs), "--set", "coefficients=0.5,0.5")
                        .code())
                .isZero();
        assertThat(metadata()).isEqualTo(Map.of("format", "pt", "weir.ancestor", "vit", "weir.target", "birds"));
        merge("uniform-soup", List.of(cars, models.get(1)));
        assertThat(metadata()).isEqualTo(Map.of("format", "pt"));
        Path calibrated = said(2, "calibration", "mixup+label-smoothing");
        assertThat(merge("wise-ft", List.of(calibrated), "--base", models.get(0).toString())
                        .code())
                .isZero();
        assertThat(metadata())
                .as("BANG")
                .isEqualTo(Map.of("format", "pt", "weir.calibration", "mixup+label-smoothing"));
    }

    @Test
    void whatIsMergedHasTheFormatOfItsInputsOrPyTorchs() {
        Path flax = with(0, new TreeMap<>(Map.of("format", "flax", "licence", "mit")));
        Path other = with(1, new TreeMap<>(Map.of("format", "flax")));
        merge("uniform-soup", List.of(flax, other));
        assertThat(metadata()).isEqualTo(Map.of("format", "flax"));
        merge("uniform-soup", List.of(flax, models.get(1)));
        assertThat(metadata()).isEqualTo(Map.of("format", "pt"));
    }

    /** A model with the same weights that says what it descends from. */
    private Path said(int number, String... keysAndValues) {
        SortedMap<String, String> provenance = new TreeMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            provenance.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return with(number, Provenance.toMetadata(provenance));
    }

    private Path with(int number, SortedMap<String, String> metadata) {
        Path file = folder.resolve("said-" + number);
        try (SafetensorsFile model = SafetensorsFile.open(models.get(number));
                SafetensorsWriter writer = SafetensorsWriter.create(file, model.layout(), metadata)) {
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

    private MergeRun merge(String operator, List<Path> inputs, String... more) {
        return MergeRun.of(folder, operator, inputs, more);
    }
}
