package dev.weir.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The demo's temporary files. */
final class DemoFiles {
    private DemoFiles() {}

    /** Deletes what can be deleted. */
    static void deleteQuietly(Path directory) {
        try {
            delete(directory);
        } catch (IOException left) {
            System.err.println("weir: demo: " + directory + " is left; delete it");
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> files = Files.walk(directory)) {
            deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : deepestFirst) {
            Files.deleteIfExists(file);
        }
    }
}
