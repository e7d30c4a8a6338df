package dev.weir.schemas.safetensors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Hidden siblings of files that are being written: they go with the JVM where it ends in order, by a signal or an exit. */
final class UnfinishedFiles {
    private static final Set<Path> FILES = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(UnfinishedFiles::delete, "weir-unfinished-files"));
    }

    private UnfinishedFiles() {}

    static void add(Path file) {
        FILES.add(file);
    }

    /** It is finished, or gone. */
    static void remove(Path file) {
        FILES.remove(file);
    }

    private static void delete() {
        for (Path file : FILES) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException stays) {
                // Nobody is left to be told.
            }
        }
    }
}
