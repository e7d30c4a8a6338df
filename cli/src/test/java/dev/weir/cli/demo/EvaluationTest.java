package dev.weir.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EvaluationTest {

    @TempDir
    private Path dir;

    private final Digits digits = Digits.load();

    @Test
    void countsWhatIsRightAndWhatBroke() {
        Evaluation zeros = Evaluation.of(digits, always(0));
        Evaluation ones = Evaluation.of(digits, always(1));
        int zerosRight = zeros.against(zeros).correct();
        Score score = ones.against(zeros);
        assertThat(score.count()).isEqualTo(599);
        assertThat(score.negativeFlips()).isEqualTo(zerosRight).isPositive();
        assertThat(score.correct()).isPositive();
        assertThat(score.accuracy()).isCloseTo(score.correct() / 599.0, within(0.0));
        assertThat(score.nfr()).isCloseTo(zerosRight / 599.0, within(0.0));
        assertThat(zeros.against(zeros).negativeFlips()).isZero();
    }

    @Test
    void writesIdLabelAndPrediction() throws Exception {
        Path file = dir.resolve("p.csv");
        Evaluation.of(digits, always(3)).write(file);
        assertThat(Files.readAllLines(file))
                .hasSize(600)
                .startsWith("id,label,prediction", "2,2,3", "5,5,3", "8,8,3")
                .endsWith("1796,8,3");
    }

    private static Mlp always(int label) {
        float[] values = new float[Mlp.PARAMETERS];
        values[Mlp.BIAS_2 + label] = 1;
        return Mlp.of(values);
    }
}
