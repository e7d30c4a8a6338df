package dev.weir.cli.verb;

import dev.weir.cli.UsageException;
import dev.weir.cli.watch.CheckpointFolder;
import dev.weir.cli.watch.StepNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which checkpoints of a directory are published. */
final class WatchOptions {

    @Option(
            names = "--watch",
            paramLabel = "DIR",
            description = {
                "Publish what is written there: *.safetensors, sharded models' indexes, and folders that hold model.safetensors",
                "or its index; ascending by step, once they have not changed for a second. Hidden and temporary names",
                "(.*, tmp-*, *.tmp, *.part, *.partial, *.incomplete) are left alone."
            })
    private @Nullable Path dir;

    @Option(names = "--once", description = "With --watch: publish what is complete now, and end.")
    private boolean once;

    @Option(
            names = "--step-pattern",
            paramLabel = "REGEX",
            description = {
                "With --watch: its only group is the step in a name; names without one are left alone (default: the last",
                "number of a name, as 500 in checkpoint-500)."
            })
    private @Nullable String stepPattern;

    @Option(
            names = "--mark",
            paramLabel = "NAME",
            defaultValue = "",
            description = "With --watch: a folder is complete once it holds a file of this name, such as _SUCCESS.")
    private String mark = "";

    /** @throws UsageException for options that mean nothing without --watch */
    boolean given() {
        if (dir == null && (once || stepPattern != null || !mark.isEmpty())) {
            throw new UsageException(
                    "--once, --step-pattern, --mark", "say how a directory is read", "needed: --watch DIR", "add it");
        }
        return dir != null;
    }

    boolean once() {
        return once;
    }

    /**
     * The directory.
     *
     * @param gone told of what was deleted before it was published
     * @throws UsageException if it is none, or the pattern is none
     */
    CheckpointFolder folder(Consumer<Path> gone) {
        Path folder = Objects.requireNonNull(dir);
        if (!Files.isDirectory(folder)) {
            throw new UsageException(
                    "--watch " + folder, "is no directory", "needed: where the trainer writes", "make it first");
        }
        StepNames names = stepPattern == null ? StepNames.lastNumber() : StepNames.of(stepPattern);
        return new CheckpointFolder(folder, names, mark, !once, gone);
    }
}
