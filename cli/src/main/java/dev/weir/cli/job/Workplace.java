package dev.weir.cli.job;

import dev.weir.cli.WeirException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The files of a job: versions of channels, each under a name of its own, and the newest merge. One job at a time has them. */
final class Workplace implements AutoCloseable {

    private static final String LOCK = ".lock";

    private final Path directory;
    private final FileChannel lock;

    private Workplace(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * An empty one; what a job that was killed left there goes.
     *
     * @throws WeirException if another job has it
     */
    static Workplace empty(Path directory) {
        try {
            Files.createDirectories(directory);
            FileChannel lock =
                    FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!taken(lock)) {
                lock.close();
                throw new WeirException(
                        "directory " + directory, "another job works in it", "", "end that one, or name another --dir");
            }
            Workplace workplace = new Workplace(directory, lock);
            workplace.keep(Set.of());
            return workplace;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static boolean taken(FileChannel lock) throws IOException {
        try {
            return lock.tryLock() != null;
        } catch (OverlappingFileLockException inThisProcess) {
            return false;
        }
    }

    /** Where merges are written. */
    Path merged() {
        return directory.resolve("merged.safetensors");
    }

    /** Where a version lies once it is there. */
    Path file(Round.Input input) {
        return directory.resolve("%s+%s+v%06d.safetensors"
                .formatted(input.channel().model(), input.channel().name(), input.version()));
    }

    /** Deletes all but these versions. */
    void keep(Set<Path> wanted) {
        try (Stream<Path> there = Files.list(directory)) {
            List<Path> gone = there.filter(file -> !wanted.contains(file) && !file.endsWith(LOCK))
                    .toList();
            for (Path file : gone) {
                Files.delete(file);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Deletes everything. */
    @Override
    public void close() {
        keep(Set.of());
        try {
            lock.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
