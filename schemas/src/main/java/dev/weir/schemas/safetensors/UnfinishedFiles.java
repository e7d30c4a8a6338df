package dev.weir.schemas.safetensors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * What lies beside an output while it is made, files and directories: it goes with the JVM where that ends in order, by a signal
 * or an exit. Thread-safe.
 */
public final class UnfinishedFiles {
    private static final Set<Path> PATHS = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(UnfinishedFiles::deleteAll, "weir-unfinished-files"));
    }

    private UnfinishedFiles() {}

    /**
     * A file or directory that is about to be made, under a name that nobody else gives.
     *
     * @return the same path
     */
    public static Path add(Path path) {
        PATHS.add(path);
        return path;
    }

    /** It is finished, or gone. */
    public static void remove(Path path) {
        PATHS.remove(path);
    }

    private static void deleteAll() {
        for (Path path : PATHS) {
            for (Path each : deepestFirst(path)) {
                try {
                    Files.deleteIfExists(each);
                } catch (IOException stays) {
                    // Nobody is left to be told.
                }
            }
        }
    }

    private static List<Path> deepestFirst(Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> paths = Files.walk(path)) {
            return paths.sorted(Comparator.reverseOrder()).toList();
        } catch (IOException | UncheckedIOException changing) {
            return List.of();
        }
    }
}
