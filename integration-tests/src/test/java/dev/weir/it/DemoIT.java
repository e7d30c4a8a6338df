package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.DigitsProgram;
import dev.weir.schemas.safetensors.SafetensorsFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The demo as people run it: what it reports is what its files say, and follows from the seed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DemoIT {
    private static final int CHECKPOINTS = 8;

    @TempDir
    private static Path folder = Path.of("");

    private JsonNode report = new ObjectMapper().createObjectNode();

    @BeforeAll
    void runTheDemo() throws Exception {
        report = demo(11, CHECKPOINTS, "first");
    }

    @Test
    void everyChannelHasAVersionACheckpoint() {
        for (String channel : List.of("raw", "ema-0.9", "ema-0.97", "swa", "bcwi")) {
            assertThat(versions(report, channel)).as(channel).hasSize(CHECKPOINTS);
        }
        assertThat(report.path("topics").path("digits.deltas").path("bytes").asLong())
                .isPositive();
        assertThat(report.path("seed").asLong()).isEqualTo(11);
    }

    @Test
    void theDigestsAreThoseOfTheFilesAndOfAMergeOfTheSameCheckpoints() throws Exception {
        List<String> raw = new ArrayList<>();
        for (int i = 1; i <= CHECKPOINTS; i++) {
            raw.add(file("first", "raw", i).toString());
        }
        for (String channel : List.of("ema-0.9", "ema-0.97", "swa")) {
            Path merged = folder.resolve(channel + ".safetensors");
            List<String> words =
                    new ArrayList<>(List.of("merge", "--operator", channel.startsWith("ema") ? "ema" : "swa"));
            if (channel.startsWith("ema")) {
                words.addAll(List.of("--set", "decay=" + channel.substring(4)));
            }
            words.addAll(List.of("-o", merged.toString()));
            words.addAll(raw);
            Cli.here(words).succeeded();
            assertThat(Files.mismatch(merged, file("first", channel, CHECKPOINTS)))
                    .as(channel)
                    .isEqualTo(-1);
        }
        for (JsonNode version : report.path("versions")) {
            String channel = version.path("channel").asText();
            Path file = file("first", channel, place(version));
            assertThat(DigitsProgram.digest(file))
                    .as("%s", version)
                    .isEqualTo(version.path("digest").asText());
        }
    }

    @Test
    void theAccuraciesAreThoseOfASecondProgramThatReadsTheFiles() throws Exception {
        DigitsProgram program = DigitsProgram.load();
        for (JsonNode version : report.path("versions")) {
            Path file = file("first", version.path("channel").asText(), place(version));
            try (SafetensorsFile weights = SafetensorsFile.open(file)) {
                assertThat(program.accuracy(weights))
                        .as("%s", version)
                        .isCloseTo(version.path("accuracy").asDouble(), within(1e-12));
            }
        }
    }

    @Test
    void currentIsTheNewestVersionOfEachChannel() throws Exception {
        try (Stream<Path> channels = Files.list(folder.resolve("first"))) {
            assertThat(channels)
                    .allSatisfy(channel -> assertThat(Files.readSymbolicLink(channel.resolve("current")))
                            .hasToString("v%06d".formatted(CHECKPOINTS)));
        }
    }

    @Test
    void theSameSeedGivesTheSameDigestsAndAnotherSeedOthers() throws Exception {
        List<String> first = digests(report).subList(0, 20);
        assertThat(digests(demo(11, 4, "again"))).isEqualTo(first);
        assertThat(digests(demo(12, 4, "other"))).doesNotContainAnyElementsOf(first);
    }

    private JsonNode demo(long seed, int checkpoints, String out) throws Exception {
        Path file = folder.resolve(out + ".json");
        Cli.run(List.of(
                        "demo",
                        "--headless",
                        "--checkpoints",
                        Integer.toString(checkpoints),
                        "--seed",
                        Long.toString(seed),
                        "--out",
                        folder.resolve(out).toString(),
                        "--report",
                        file.toString()))
                .succeeded();
        return new ObjectMapper().readTree(file.toFile());
    }

    /** Number of the version's directory: its place among the channel's versions, for raw shows decision numbers. */
    private int place(JsonNode version) {
        return 1 + versions(report, version.path("channel").asText()).indexOf(version);
    }

    private Path file(String out, String channel, int version) {
        return folder.resolve(out)
                .resolve(channel)
                .resolve("v%06d".formatted(version))
                .resolve("model.safetensors");
    }

    private static List<JsonNode> versions(JsonNode report, String channel) {
        return StreamSupport.stream(report.path("versions").spliterator(), false)
                .filter(version -> version.path("channel").asText().equals(channel))
                .toList();
    }

    private static List<String> digests(JsonNode report) {
        return StreamSupport.stream(report.path("versions").spliterator(), false)
                .map(version -> version.path("digest").asText())
                .toList();
    }
}
