package dev.weir.cli.up;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * The registry's own cache of loaded classes, with which it starts several times as fast. Such a cache knows classes of the JDK's
 * loaders alone, so a jar goes with it that names every jar of the registry, in place of the registry's own loader.
 *
 * @param file the cache
 * @param jar nothing but a class path; lies where the registry was unpacked
 */
record RegistryCache(Path file, Path jar) {

    /** What belongs to the launcher's folder, made or not. */
    static RegistryCache in(Path folder) {
        return new RegistryCache(folder.resolve("registry.aot"), unpacked().resolve("class-path.jar"));
    }

    /** Where the build put the registry. */
    static Path unpacked() {
        return JavaCommand.home().resolve("registry");
    }

    boolean isMade() {
        return Files.exists(file) && Files.exists(jar);
    }

    /** Writes the jar. */
    void writeJar() throws IOException {
        Path folder = jar.resolveSibling("");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, String.join(" ", classPath(folder)));
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
    }

    /** In the order in which the registry's own loader searches them, relative to its folder. */
    static List<String> classPath(Path registry) throws IOException {
        List<String> jars = new ArrayList<>(jars(registry, "lib/boot"));
        jars.add("quarkus/transformed-bytecode.jar");
        jars.add("quarkus/generated-bytecode.jar");
        jars.addAll(jars(registry, "app"));
        jars.addAll(jars(registry, "lib/main"));
        return jars;
    }

    private static List<String> jars(Path registry, String folder) throws IOException {
        try (Stream<Path> files = Files.list(registry.resolve(folder))) {
            return files.map(file -> folder + "/" + file.getFileName())
                    .filter(name -> name.endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }
}
