package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.cli.merge.ModelFiles;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Merges of whole layers over files: RegMean and weight matching. */
final class LayerMergesTest {
    @TempDir
    Path folder;

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
        MergeRun refused = merge("regmean", mlps(), more);
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
        MergeRun merged = merge("weight-matching", List.of(first, swapped));
        assertThat(merged.out()).isEqualTo("moved-units 2\n");
        assertThat(ModelFiles.read(folder.resolve("out"), "0.weight")).containsExactly(1, 2, 3, 4);
        assertThat(ModelFiles.read(folder.resolve("out"), "2.weight")).containsExactly(7, 8, 9, 10);
        assertThat(folder).isDirectoryNotContaining("glob:**{mean,aligned}*");
    }

    @Test
    void filesOfOtherNamesStayAsTheyAre() throws Exception {
        List<String> names = List.of("out.mean", "out.dense", "out.aligned-1");
        for (String name : names) {
            Files.writeString(folder.resolve(name), "mine");
        }
        Path equal = gram("equal", 2, 0, 0, 2);
        regmean(equal, equal);
        merge("swamp", mlps(), "--set", "sparsity=0.5");
        merge("weight-matching", mlps());
        for (String name : names) {
            assertThat(folder.resolve(name)).hasContent("mine");
        }
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

    private MergeRun merge(String operator, List<Path> inputs, String... more) {
        return MergeRun.of(folder, operator, inputs, more);
    }
}
