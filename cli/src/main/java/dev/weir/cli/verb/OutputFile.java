package dev.weir.cli.verb;

import dev.weir.cli.WeirException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Of the verbs that write one file, which takes its name when it is complete. */
final class OutputFile {
    private OutputFile() {}

    /**
     * Checks before hours of work what would fail behind them.
     *
     * @throws WeirException if a directory has the name, or the file's directory is not there
     */
    static void check(Path output) {
        if (Files.isDirectory(output)) {
            throw new WeirException("-o " + output, "is a directory", "allowed: the name of a file", "");
        }
        Path folder = output.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new WeirException(
                    "-o " + output,
                    "its directory is not there",
                    "allowed: a file below one that is",
                    "make " + folder);
        }
    }
}
