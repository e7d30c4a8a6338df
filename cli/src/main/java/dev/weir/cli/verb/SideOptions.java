package dev.weir.cli.verb;

import dev.weir.cli.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Options of the form NAME=FILE, one of a name for each of several files. */
final class SideOptions {

    private SideOptions() {}

    /** The files by name, in the order in which they were given. */
    static Map<String, List<Path>> of(List<String> given) {
        return of(given, Path::of);
    }

    /**
     * As above, of what is no file.
     *
     * @param read what stands behind the name
     */
    static <T> Map<String, List<T>> of(List<String> given, Function<String, T> read) {
        Map<String, List<T>> byName = new TreeMap<>();
        for (String side : given) {
            int equals = side.indexOf('=');
            if (equals < 1) {
                throw new UsageException("--side", "is " + side, "allowed: NAME=FILE, such as fisher=FILE", "");
            }
            byName.computeIfAbsent(side.substring(0, equals), name -> new ArrayList<>())
                    .add(read.apply(side.substring(equals + 1)));
        }
        return byName;
    }

    /**
     * As above.
     *
     * @param files how many of each name there must be
     */
    static Map<String, List<Path>> of(List<String> given, int files) {
        Map<String, List<Path>> byName = of(given);
        byName.forEach((name, paths) -> {
            if (paths.size() != files) {
                throw new UsageException(
                        "--side " + name,
                        paths.size() + " files for " + files + " checkpoints",
                        "allowed: one a checkpoint, in their order",
                        "publish those that have none by themselves");
            }
        });
        return byName;
    }
}
