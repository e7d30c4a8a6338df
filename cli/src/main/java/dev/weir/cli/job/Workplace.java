package dev.weir.cli.job;

import dev.weir.cli.LockFile;
import dev.weir.cli.WeirException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of a job: versions of channels, each under a name of its own, and the newest merge. One job at a time has them. */
final class Workplace implements AutoCloseable {

    private static final String LOCK = ".lock";
    /** What jobs put there: versions, the merge, and what is half-written of either, or of what a merge lays aside. */
    private static final Pattern OWN =
            Pattern.compile("\\.*(merged|[^/]+\\+[^/]+\\+v[0-9]{6,19})\\.safetensors(\\..+)?");

    private final Path directory;
    private final FileChannel lock;

    private Workplace(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * An empty one; what a job that was killed left there goes.
     *
     * @throws WeirException if another job has it, or files lie there that no job has put there
     */
    static Workplace empty(Path directory) {
        try {
            Files.createDirectories(directory);
            refuseForeign(directory);
            FileChannel lock = LockFile.take(directory.resolve(LOCK));
            if (lock == null) {
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

    /** A directory that holds somebody's checkpoints is easily named by mistake. */
    private static void refuseForeign(Path directory) throws IOException {
        try (Stream<Path> there = Files.list(directory)) {
            Optional<Path> foreign = there.filter(file -> !file.endsWith(LOCK) && !isOwn(file))
                    // Another job that works here may have given it its name meanwhile.
                    .filter(file -> Files.exists(file, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .findFirst();
            if (foreign.isPresent()) {
                throw new WeirException(
                        "directory " + directory,
                        "holds " + foreign.get().getFileName() + ", which no job has put there",
                        "allowed: a directory that a job has to itself",
                        "name another --dir");
            }
        }
    }

    private static boolean isOwn(Path file) {
        return OWN.matcher(file.getFileName().toString()).matches() && Files.isRegularFile(file);
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

    /** Deletes what jobs have put there, but for these versions. */
    void keep(Set<Path> wanted) {
        try (Stream<Path> there = Files.list(directory)) {
            List<Path> gone =
                    there.filter(file -> !wanted.contains(file) && isOwn(file)).toList();
            for (Path file : gone) {
                Files.delete(file);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Deletes what jobs have put there. */
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
