package dev.weir.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RegistryCacheTest {

    private static final Path REGISTRY = RegistryCache.unpacked();

    @TempDir
    private Path launch;

    private Parts parts;

    @BeforeEach
    void launchedWithACache() {
        System.setProperty("weir.class-cache", launch.resolve("weir.aot").toString());
        UpSettings settings = new UpSettings("127.0.0.1", 9092, 8081, 8080, launch.resolve("data"));
        try (DataDir data = DataDir.open(settings.data())) {
            parts = new Parts(settings, data);
        }
    }

    @AfterEach
    void forget() {
        System.clearProperty("weir.class-cache");
    }

    /** Its own loader finds that order in a file that names each of its jars once. */
    @Test
    void theJarsAreSearchedAsTheRegistrysOwnLoaderSearchesThem() throws IOException {
        String index = Files.readString(
                REGISTRY.resolve("quarkus").resolve("quarkus-application.dat"), StandardCharsets.ISO_8859_1);
        List<String> searched = Pattern.compile("(quarkus|app|lib/main)/[A-Za-z0-9._-]+?\\.jar")
                .matcher(index)
                .results()
                .map(MatchResult::group)
                .toList();
        assertThat(RegistryCache.classPath(REGISTRY))
                .allSatisfy(jar -> assertThat(REGISTRY.resolve(jar)).exists())
                .filteredOn(jar -> !jar.startsWith("lib/boot/"))
                .isEqualTo(searched);
    }

    @Test
    void aJarNamesThemAll() throws IOException {
        RegistryCache cache = new RegistryCache(launch.resolve("registry.aot"), launch.resolve("class-path.jar"));
        for (String folder : List.of("app", "lib/boot", "lib/main")) {
            Files.createDirectories(launch.resolve(folder));
        }
        Files.createFile(launch.resolve("lib/main/one.jar"));
        cache.writeJar();
        try (JarFile jar = new JarFile(cache.jar().toFile())) {
            assertThat(jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH))
                    .isEqualTo("quarkus/transformed-bytecode.jar quarkus/generated-bytecode.jar lib/main/one.jar");
        }
    }

    @Test
    void withoutACacheTheRegistryLoadsItsClassesItself() {
        assertThat(parts.registry().command())
                .contains("io.quarkus.bootstrap.runner.QuarkusEntryPoint")
                .noneMatch(word -> word.contains("AOT"));
    }

    @Test
    void withOneTheyComeFromOneClassPath() {
        RegistryCache cache = new RegistryCache(launch.resolve("registry.aot"), launch.resolve("class-path.jar"));
        List<String> command =
                parts.registry(cache, JavaCommand.cached(cache.file())).command();
        assertThat(command)
                .contains("io.quarkus.runner.GeneratedMain", "-XX:AOTCache=" + cache.file())
                .anyMatch(word -> word.endsWith(":" + cache.jar()));
        assertThat(command.indexOf("-XX:AOTCache=" + cache.file())).isLessThan(command.indexOf("-cp"));
    }
}
