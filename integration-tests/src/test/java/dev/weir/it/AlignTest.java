package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.cli.Weir;
import dev.weir.clients.evaluate.PredictionRow;
import dev.weir.it.fixture.HiddenUnits;
import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.fixture.Weights;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code weir align} on real models of digits. */
final class AlignTest {

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 20_261_124})
    void theInverseOfAShuffleIsFoundAndTheModelIsItselfAgain(long seed) throws IOException {
        Weights run = Trajectory.update("run3");
        List<Integer> shuffle = HiddenUnits.shuffle(seed);
        Path anchor = run.write(directory.resolve("anchor.safetensors"));
        Path shuffled = HiddenUnits.permuted(run, shuffle).write(directory.resolve("shuffled.safetensors"));
        JsonNode found = align(anchor, shuffled).at("/groups/0");
        for (int i = 0; i < HiddenUnits.COUNT; i++) {
            assertThat(shuffle.get(found.get(i).asInt())).as("seed %d", seed).isEqualTo(i);
        }
        assertThat(directory.resolve("aligned.safetensors")).hasSameBinaryContentAs(anchor);
    }

    @Test
    void anotherRunKeepsWhatItComputesAndCanBeAveragedAgain() throws IOException {
        Weights anchor = Trajectory.update("run0");
        Weights run = Trajectory.update("run1");
        Weights shuffled = HiddenUnits.permuted(run, HiddenUnits.shuffle(5));
        align(
                anchor.write(directory.resolve("anchor.safetensors")),
                shuffled.write(directory.resolve("shuffled.safetensors")));
        Weights aligned = Weights.read(directory.resolve("aligned.safetensors"));
        Mnist digits = Mnist.evaluation();
        assertThat(accuracy(digits, aligned)).as("seed 5").isCloseTo(accuracy(digits, run), within(0.002));
        double plain = accuracy(digits, mean(anchor, run));
        assertThat(accuracy(digits, mean(anchor, aligned))).as("seed 5").isCloseTo(plain, within(0.002));
        assertThat(accuracy(digits, mean(anchor, shuffled))).as("seed 5").isLessThan(plain - 0.02);
    }

    private JsonNode align(Path anchor, Path model) throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] args = Stream.of(
                        "align", "--to", anchor, "-o", directory.resolve("aligned.safetensors"), "--json", model)
                .map(Object::toString)
                .toArray(String[]::new);
        int code = Weir.commandLine(args)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
        assertThat(err.toString()).isEmpty();
        assertThat(code).isZero();
        return new ObjectMapper().readTree(out.toString());
    }

    private static Weights mean(Weights one, Weights other) {
        List<float[]> tensors = new ArrayList<>();
        for (int t = 0; t < one.tensors().size(); t++) {
            float[] mean = one.tensors().get(t).clone();
            for (int i = 0; i < mean.length; i++) {
                mean[i] = (mean[i] + other.tensors().get(t)[i]) / 2;
            }
            tensors.add(mean);
        }
        return new Weights(one.layout(), tensors);
    }

    private static double accuracy(Mnist digits, Weights weights) {
        List<PredictionRow> rows = digits.predict(weights);
        long right = rows.stream()
                .filter(row -> row.label().orElseThrow() == row.prediction())
                .count();
        return (double) right / rows.size();
    }
}
