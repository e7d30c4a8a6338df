package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's first command: the main job, from an empty machine to averages that replay. */
final class ExampleIT {

    private static final Path ROOT = Path.of(System.getProperty("weir.root", ".."));

    @TempDir
    private Path folder;

    @Test
    void theMainJobAveragesRealCheckpointsAndLeavesNothingBehind() throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        ProcessBuilder builder =
                new ProcessBuilder(ROOT.resolve("examples/main-job.sh").toString());
        builder.environment().put("WEIR_BUILD", "never");
        builder.environment().put("TMPDIR", temporary.toString());
        Process script =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        try {
            assertThat(script.waitFor(10, TimeUnit.MINUTES))
                    .as("within ten minutes")
                    .isTrue();
        } finally {
            List<ProcessHandle> left = script.descendants().toList();
            script.destroyForcibly();
            left.forEach(ProcessHandle::destroyForcibly);
        }

        assertThat(script.exitValue()).as(Files.readString(err)).isZero();
        assertThat(Files.readAllLines(out))
                .anyMatch(line -> line.startsWith("weir "))
                .contains(
                        "model digits: plan in force since decision 1",
                        "run run-1 step 120: accepted as decision 7; complete: ema-0.9 version 6, ema-half-life version 6,"
                                + " swa version 4",
                        "pulled: ema-0.9 v000006, 203880 bytes",
                        "pulled: ema-half-life v000006, 203880 bytes",
                        "pulled: swa v000004, 203880 bytes",
                        "merge: the offline merge of the six files is the pulled ema-0.9, byte for byte")
                .anyMatch(line -> line.startsWith("replay: 16 of 16 snapshots equal, "))
                .endsWith("done");
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left).isEmpty();
        }
    }
}
