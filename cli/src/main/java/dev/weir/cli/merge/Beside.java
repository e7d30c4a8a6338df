package dev.weir.cli.merge;

import dev.weir.schemas.safetensors.UnfinishedFiles;
import java.nio.file.Path;
import java.util.UUID;

/** Files that lie beside an output while it is made: hidden, under names that nobody else gives, gone when a signal ends it. */
public final class Beside {
    private Beside() {}

    /**
     * Where such a file may lie.
     *
     * @param what it holds, such as mean
     */
    public static Path of(Path output, String what) {
        Path target = output.toAbsolutePath();
        return UnfinishedFiles.add(
                target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + "." + what));
    }
}
