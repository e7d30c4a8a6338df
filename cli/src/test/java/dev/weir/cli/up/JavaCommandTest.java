package dev.weir.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The launcher's class cache goes to every process of our own, and from there on to those that it starts. */
final class JavaCommandTest {
    private static final String CLASS_CACHE = "weir.class-cache";

    @AfterEach
    void forget() {
        System.clearProperty(CLASS_CACHE);
    }

    @Test
    void ourOwnProcessesShareTheClassCache() {
        System.setProperty(CLASS_CACHE, "/launch/weir.aot");
        List<String> command = new JavaCommand("merge").verb("run");
        assertThat(command).contains("-XX:AOTCache=/launch/weir.aot", "-Dweir.class-cache=/launch/weir.aot");
        assertThat(command.indexOf("-XX:AOTCache=/launch/weir.aot")).isLessThan(command.indexOf("-cp"));
        assertThat(new JavaCommand("registry").main("registry.jar", "Main"))
                .as("another class path")
                .noneMatch(word -> word.contains("/launch/weir.aot"));
    }

    @Test
    void thoseWithVectorsHaveTheCacheThatWasMadeWithThem() throws IOException {
        System.setProperty(CLASS_CACHE, "/launch/weir.aot");
        List<String> command =
                new JavaCommand("merge").with(JavaCommand.VECTORS).verb("run");
        assertThat(command).contains("-XX:AOTCache=/launch/weir-vectors.aot", "-Dweir.class-cache=/launch/weir.aot");
        assertThat(Path.of("..", "weir")).content().contains("make_cache weir-vectors");
    }

    @Test
    void theLauncherGivesBenchmarksTheFlagsOfThoseThatMoveLargeRecords() throws IOException {
        assertThat(Path.of("..", "weir")).content().contains(String.join(" ", JavaCommand.LARGE_RECORDS));
        assertThat(Path.of("..", "weir")).content().contains(String.join(" ", JavaCommand.VECTORS));
    }

    @Test
    void kernelsAreCompiledByThemselvesInEveryProcessOfOurs() throws IOException {
        assertThat(new JavaCommand("merge").verb("run")).containsAll(JavaCommand.KERNELS);
        assertThat(Path.of("..", "weir")).content().contains(String.join(" ", JavaCommand.KERNELS));
    }

    @Test
    void kernelsThatTheJitIsToldAboutExist() throws ClassNotFoundException {
        String told = JavaCommand.KERNELS.getLast();
        Class.forName(told.substring(told.indexOf(',') + 1, told.indexOf("::")));
    }

    @Test
    void withoutOneTheyStartAllTheSame() {
        assertThat(new JavaCommand("merge").verb("run")).noneMatch(word -> word.contains("AOT"));
    }
}
