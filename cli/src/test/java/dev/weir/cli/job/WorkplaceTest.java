package dev.weir.cli.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.cli.WeirException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkplaceTest {

    private static final Round.Input INPUT = new Round.Input(new Source.Channel("net", "raw"), 7, 20);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void whatAJobThatWasKilledHasLeftGoes() throws IOException {
        for (String left : List.of(
                ".lock",
                "merged.safetensors",
                "net+raw+v000003.safetensors",
                ".merged.safetensors.0f.tmp",
                ".merged.safetensors.0f.dense",
                "..merged.safetensors.0f.mean.1e.tmp",
                ".net+raw+v000004.safetensors.0f.tmp")) {
            Files.writeString(directory.resolve(left), "x");
        }
        try (Workplace files = Workplace.empty(directory)) {
            assertThat(directory).isDirectoryNotContaining("glob:**.safetensors*");
            Files.writeString(files.file(INPUT), "x");
            Files.writeString(files.merged(), "x");
            files.keep(Set.of(files.file(INPUT)));
            assertThat(files.file(INPUT)).exists();
            assertThat(files.merged()).doesNotExist();
        }
        assertThat(directory).isDirectoryNotContaining("glob:**.safetensors*");
    }

    @Test
    void aDirectoryThatHoldsOtherFilesIsRefusedAndStaysAsItIs() throws IOException {
        for (String foreign : List.of("step-0020.safetensors", "notes", "run-1")) {
            Path file = directory.resolve(foreign);
            if (foreign.equals("run-1")) {
                Files.createDirectory(file);
            } else {
                Files.writeString(file, "mine");
            }
            Files.writeString(directory.resolve("net+raw+v000003.safetensors"), "x");
            assertThatThrownBy(() -> Workplace.empty(directory))
                    .isInstanceOf(WeirException.class)
                    .hasMessage("directory " + directory + ": holds " + foreign + ", which no job has put there;"
                            + " allowed: a directory that a job has to itself; name another --dir");
            assertThat(directory.resolve("net+raw+v000003.safetensors")).exists();
            assertThat(directory.resolve(".lock")).doesNotExist();
            Files.delete(file);
        }
    }

    @Test
    void filesThatOthersPutThereMeanwhileStay() throws IOException {
        Path foreign = directory.resolve("step-0040.safetensors");
        try (Workplace files = Workplace.empty(directory)) {
            Files.writeString(foreign, "mine");
            files.keep(Set.of());
        }
        assertThat(foreign).hasContent("mine");
    }
}
