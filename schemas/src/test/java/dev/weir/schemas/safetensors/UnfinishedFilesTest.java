package dev.weir.schemas.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnfinishedFilesTest {
    @TempDir
    Path folder;

    @Test
    void aFileThatIsBeingWrittenGoesWithAProcessThatIsTerminated() throws IOException, InterruptedException {
        Process writing = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writing.class.getName(),
                        folder.resolve("m.safetensors").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = writing.inputReader()) {
            assertThat(said.readLine()).isEqualTo("begun");
            assertThat(files()).hasSize(1);
            // SIGTERM
            writing.destroy();
            writing.waitFor();
        } finally {
            writing.destroyForcibly();
        }
        assertThat(files()).isEmpty();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** Begins a file and never finishes it. */
    static final class Writing {
        public static void main(String[] args) throws InterruptedException {
            Layout layout = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(2L))));
            SafetensorsWriter.create(Path.of(args[0]), layout);
            System.out.println("begun");
            Thread.sleep(Long.MAX_VALUE);
        }
    }
}
