package dev.weir.cli.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The files of a job: versions of channels, each under a name of its own, and the newest merge. */
final class Workplace {

    private final Path directory;

    private Workplace(Path directory) {
        this.directory = directory;
    }

    /** An empty one; what a job that was killed left there goes. */
    static Workplace empty(Path directory) {
        try {
            if (Files.isDirectory(directory)) {
                delete(files(directory));
            }
            return new Workplace(Files.createDirectories(directory));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Where merges are written. */
    Path merged() {
        return directory.resolve("merged.safetensors");
    }

    /** Where a version lies once it is there. */
    Path file(Round.Input input) {
        return directory.resolve("%s.%s.v%06d.safetensors"
                .formatted(input.channel().model(), input.channel().name(), input.version()));
    }

    /** Deletes all but these versions. */
    void keep(Set<Path> wanted) {
        try {
            delete(files(directory).stream()
                    .filter(file -> !wanted.contains(file))
                    .toList());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted(Comparator.naturalOrder()).toList();
        }
    }

    private static void delete(List<Path> files) throws IOException {
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
