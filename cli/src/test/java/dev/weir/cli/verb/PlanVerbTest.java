package dev.weir.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.cli.Json;
import dev.weir.cli.Weir;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class PlanVerbTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void aCheckOfASoundPlanSaysWhatItKeepsOfAModel() throws IOException {
        String text =
                check("{model: m, channels: [{name: ema-0.9, operator: ema, settings: {decay: 0.9}, retain: 5}]}");

        assertThat(text.lines().map(line -> line.strip().replaceAll(" {2,}", " | ")))
                .contains(
                        "plan of model m: 1 channel, sound",
                        "CHANNEL | OPERATOR | STATE | A VERSION | RETAIN | ALL VERSIONS",
                        "ema-0.9 | ema | 8.00 kB | 4.00 kB | 5 | 20.0 kB");
        assertThat(text)
                .contains("8.00 kB of state;", "4.00 kB more for each run", "20.0 kB of versions, up to 16.0 kB");
    }

    @Test
    void theBaselineOfAMixIsNamed() throws IOException {
        assertThat(check("{model: m, channels: [{name: a, operator: ema, settings: {decay: 0.9}},"
                        + " {name: b, operator: bcwi, settings: {from: a}}]}"))
                .contains("12.0 kB of state, 4.00 kB of it the baseline's;");
    }

    @Test
    void programsReadTheSameBesideThePlan() throws IOException {
        JsonNode json = Json.parse(
                check("{model: m, channels: [{name: a, operator: ema, settings: {decay: 0.9}, retain: 5}]}", "--json")
                        .getBytes(StandardCharsets.UTF_8));

        assertThat(json.path("model").asText()).isEqualTo("m");
        assertThat(json.path("sizes").path("stateBytes").asLong()).isEqualTo(8_000);
        assertThat(json.path("sizes").path("checkpointBytes").asLong()).isEqualTo(4_000);
        assertThat(json.path("sizes").path("channels").get(0).path("keptBytes").asLong())
                .isEqualTo(20_000);
    }

    @Test
    void patternsThatAreForNoTensorOfTheModelAreNamed() throws IOException {
        String plan =
                "{model: m, tensors: [{pattern: w, policy: average}, {pattern: 'running_*', policy: copy-latest}],"
                        + " channels: [{name: a, operator: swa}]}";

        assertThat(check(plan).lines())
                .endsWith("tensors: running_* matches no tensor of the model")
                .noneMatch(line -> line.startsWith("tensors: w "));
        JsonNode json = Json.parse(check(plan, "--json").getBytes(StandardCharsets.UTF_8));
        assertThat(json.path("sizes").path("unmatched"))
                .extracting(JsonNode::asText)
                .containsExactly("running_*");
    }

    @Test
    void weightsThatCannotBeReadAreNamed() throws IOException {
        Path plan =
                Files.writeString(directory.resolve("plan.yaml"), "{model: m, channels: [{name: a, operator: swa}]}");
        StringWriter err = new StringWriter();

        int code = run(new StringWriter(), err, "plan", "check", plan.toString(), "--like", "nowhere.safetensors");

        assertThat(code).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("weir: weights nowhere.safetensors: ")
                .contains("name another file");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "1000, 1.00 kB",
        "9995, 10.0 kB",
        "99949, 99.9 kB",
        "999499, 999 kB",
        "999500, 1.00 MB",
        "140000000000, 140 GB",
        "9223372036854775807, 9223 PB"
    })
    void bytesHaveThreeDigitsAndAUnit(long bytes, String text) {
        assertThat(PlanSizesText.bytes(bytes)).isEqualTo(text);
    }

    /** Of a model of 2,000 bf16, against which averages in f32 are twice as large. */
    private String check(String plan, String... more) throws IOException {
        Layout layout = Layout.of(List.of(new TensorSpec("w", Dtype.BF16, List.of(2_000L))));
        Path weights = directory.resolve("w.safetensors");
        try (SafetensorsWriter writer = SafetensorsWriter.create(weights, layout)) {
            writer.write(ByteBuffer.allocate(4_000));
        }
        Path file = Files.writeString(directory.resolve("plan.yaml"), plan);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] args = new String[5 + more.length];
        System.arraycopy(new String[] {"plan", "check", file.toString(), "--like", weights.toString()}, 0, args, 0, 5);
        System.arraycopy(more, 0, args, 5, more.length);
        assertThat(run(out, err, args)).as(err.toString()).isZero();
        return out.toString();
    }

    private static int run(StringWriter out, StringWriter err, String... args) {
        CommandLine weir = Weir.commandLine(args);
        return weir.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
