package dev.weir.cli.up;

import dev.weir.cli.Weir;
import dev.weir.cli.registry.ParentPipe;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Command lines of child JVMs of the same JDK as this one. */
public final class JavaCommand {

    /**
     * For who moves records of a megabyte. They are large objects to the collector's default regions, and so are fetches of
     * several megabytes to these, too: both die young, but would start a concurrent mark of the whole heap at a time.
     */
    public static final List<String> LARGE_RECORDS =
            List.of("-XX:G1HeapRegionSize=4m", "-XX:InitiatingHeapOccupancyPercent=75", "-XX:-G1UseAdaptiveIHOP");

    /**
     * Loops over whole chunks are compiled by themselves: inlined into the large method that takes a chunk in, the check for NaN
     * took six times as long, because its loop was not vectorised there (ADR 0052).
     */
    static final List<String> KERNELS =
            List.of("-XX:CompileCommand=quiet", "-XX:CompileCommand=dontinline,dev.weir.operators.kernel.JvmKernel::*");

    /**
     * For who folds for long. The JVM says on stderr that the module is incubating, and needs a cache of classes that was made with the
     * module.
     */
    public static final List<String> VECTORS = List.of("--add-modules=jdk.incubator.vector");

    /** The launcher's other cache, beside the one that it names. */
    private static final String CACHE_WITH_VECTORS = "weir-vectors.aot";

    /** The launcher names its cache of loaded classes in it; without one all works, only slower. */
    private static final String CLASS_CACHE = "weir.class-cache";

    /** Flags of the launcher's JVM, and of those that it starts. */
    private static final String FURTHER_FLAGS = "WEIR_JVM_OPTIONS";

    private final List<String> flags = new ArrayList<>();

    public JavaCommand(String name, String... flags) {
        this.flags.addAll(List.of(flags));
        this.flags.add("-XX:+ExitOnOutOfMemoryError");
        this.flags.add("--enable-native-access=ALL-UNNAMED");
        this.flags.add("--sun-misc-unsafe-memory-access=allow");
        this.flags.add("-D" + ParentPipe.PROPERTY + "=" + name);
        this.flags.add("-Dweir.log=warn");
    }

    /** The launcher's class cache, if it has made one. */
    static Optional<Path> classCache() {
        return Optional.of(System.getProperty(CLASS_CACHE, ""))
                .filter(file -> !file.isEmpty())
                .map(Path::of);
    }

    /** Flags of a JVM that takes its classes from that cache, and does without where it does not fit. */
    static List<String> cached(Path cache) {
        return List.of("-XX:AOTMode=auto", "-XX:AOTCache=" + cache, "-Xlog:aot*=off");
    }

    /** The same with more flags. */
    public JavaCommand with(List<String> more) {
        flags.addAll(more);
        return this;
    }

    /** A verb of our own, on our own class path, with the launcher's class cache and further flags. */
    public List<String> verb(String... args) {
        flags.addAll(KERNELS);
        classCache().ifPresent(cache -> {
            flags.addAll(cached(flags.containsAll(VECTORS) ? cache.resolveSibling(CACHE_WITH_VECTORS) : cache));
            flags.add("-D" + CLASS_CACHE + "=" + cache);
        });
        Stream.of(System.getenv().getOrDefault(FURTHER_FLAGS, "").split("\\s+"))
                .filter(flag -> !flag.isEmpty())
                .forEach(flags::add);
        return main(System.getProperty("java.class.path"), Weir.class.getName(), args);
    }

    /**
     * The terminal's signals are for the supervisor alone, which stops its children in order; a child that got them, too,
     * would end before its turn.
     */
    List<String> main(String classPath, String mainClass, String... args) {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.add("-cp");
        command.add(classPath);
        command.add(mainClass);
        command.addAll(List.of(args));
        return command;
    }

    static String classPath(Path... entries) {
        List<String> parts = new ArrayList<>();
        for (Path entry : entries) {
            parts.add(entry.toString());
        }
        return String.join(File.pathSeparator, parts);
    }

    /** The directory that holds our jar, and beside it what the build put there for child processes. */
    static Path home() {
        try {
            Path jar = Path.of(JavaCommand.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return jar.toAbsolutePath().resolveSibling("");
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the place of the weir jar is no path", e);
        }
    }
}
