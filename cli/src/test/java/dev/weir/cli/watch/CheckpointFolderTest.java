package dev.weir.cli.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.cli.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointFolderTest {

    @TempDir
    private Path dir;

    private final List<Path> gone = new ArrayList<>();

    @Test
    void filesIndexesAndFoldersAreCheckpointsAscendingByTheLastNumberOfTheirNames() throws IOException {
        write("run2-step-0300.safetensors");
        write("step-20.safetensors");
        write("step-100.safetensors.index.json");
        write("step-100-00001-of-00002.safetensors");
        write("checkpoint-50/model.safetensors");
        write("checkpoint-7/optimizer.bin");
        write("step-40.safetensors.tmp");
        write("tmp-checkpoint-60/model.safetensors");
        write("checkpoint-70.part/model.safetensors");
        write(".step-80.safetensors");
        write("final.safetensors");

        assertThat(folder(StepNames.lastNumber(), "").look())
                .extracting(Found::step)
                .containsExactly(20L, 50L, 100L, 300L);
    }

    @Test
    void aPatternSaysWhereTheStepStandsAndWhatIsLeftAlone() throws IOException {
        write("epoch=3-step=400-v2.safetensors");
        write("optimizer-400.safetensors");

        assertThat(folder(StepNames.of("step=([0-9]+)"), "").look())
                .extracting(Found::step)
                .containsExactly(400L);
        assertThatThrownBy(() -> StepNames.of("step=[0-9]+"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("has 0 groups; allowed:");
        assertThatThrownBy(() -> StepNames.of("(")).isInstanceOf(UsageException.class);
    }

    @Test
    void aFolderIsCompleteOnceItHasItsMark() throws IOException {
        write("checkpoint-1/model.safetensors");
        CheckpointFolder folder = folder(StepNames.lastNumber(), "_SUCCESS");
        assertThat(folder.look()).isEmpty();

        write("checkpoint-1/_SUCCESS");
        assertThat(folder.look()).hasSize(1);
    }

    @Test
    void whatStillGrowsIsNotTaken() throws IOException {
        CheckpointFolder folder = new CheckpointFolder(dir, StepNames.lastNumber(), "", true, gone::add);
        write("step-1.safetensors");
        assertThat(folder.look()).isEmpty();
        Files.writeString(dir.resolve("step-1.safetensors"), "more of it");
        assertThat(folder.look()).isEmpty();
        assertThat(folder.look()).hasSize(1);
    }

    @Test
    void whatIsDoneIsNotHandedOutAgainAndWhatIsRefusedOnlyWhenItHasChanged() throws IOException {
        write("step-1.safetensors");
        write("step-2.safetensors");
        CheckpointFolder folder = folder(StepNames.lastNumber(), "");
        List<Found> found = folder.look();
        folder.done(found.get(0));
        folder.refused(found.get(1));
        assertThat(folder.look()).isEmpty();

        Files.writeString(found.get(1).path(), "more of it");
        assertThat(folder.look()).extracting(Found::step).containsExactly(2L);
    }

    @Test
    void whatIsDeletedBeforeItIsDoneIsTold() throws IOException {
        write("step-1.safetensors");
        write("step-2.safetensors");
        CheckpointFolder folder = folder(StepNames.lastNumber(), "");
        folder.done(folder.look().get(0));
        Files.delete(dir.resolve("step-1.safetensors"));
        Files.delete(dir.resolve("step-2.safetensors"));

        assertThat(folder.look()).isEmpty();
        assertThat(gone).containsExactly(dir.resolve("step-2.safetensors"));
    }

    private CheckpointFolder folder(StepNames names, String mark) {
        return new CheckpointFolder(dir, names, mark, false, gone::add);
    }

    private void write(String name) throws IOException {
        Path file = dir.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, "x");
    }
}
