package dev.weir.cli.up;

import dev.weir.cli.WeirException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A registry that notes what it loads, for the cache of its classes. */
public final class RegistryTraining implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration END_LIMIT = Duration.ofSeconds(30);
    private static final Duration CACHE_LIMIT = Duration.ofMinutes(2);

    private final RegistryCache cache;
    private final UpSettings settings;
    private final DataDir data;
    private final Parts parts;
    private final Path notes;
    private final Child child;

    private RegistryTraining(RegistryCache cache, UpSettings settings, DataDir data) {
        this.cache = cache;
        this.settings = settings;
        this.data = data;
        this.parts = new Parts(settings, data);
        this.notes = data.root().resolve("registry.notes");
        this.child = new Child(parts.registry(cache, flags("record")), death -> {}, deaths -> {});
    }

    /**
     * Starts one and returns once it answers.
     *
     * @param folder where the launcher keeps its caches
     * @param settings of which the registry's port and the data directory matter
     */
    public static RegistryTraining start(Path folder, UpSettings settings) throws IOException, InterruptedException {
        RegistryCache cache = RegistryCache.in(folder.toAbsolutePath());
        Files.deleteIfExists(cache.file());
        cache.writeJar();
        RegistryTraining training = new RegistryTraining(cache, settings, DataDir.open(settings.data()));
        training.child.start();
        if (!training.child.awaitRunning(START_LIMIT)) {
            training.close();
            throw new WeirException("registry", "not ready within " + START_LIMIT.toSeconds() + " s", "", "");
        }
        return training;
    }

    /** Where it answers. */
    public String url() {
        return settings.registryUrl();
    }

    /** Ends it and makes the cache. */
    @Override
    public void close() throws IOException {
        child.askToStop();
        try {
            child.awaitEnd(END_LIMIT);
            if (Files.exists(notes)) {
                make();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        data.close();
    }

    private void make() throws IOException, InterruptedException {
        List<String> flags = flags("create");
        flags.add("-XX:AOTCache=" + cache.file());
        Process maker = new ProcessBuilder(parts.registry(cache, flags).command())
                .directory(data.registry().toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!maker.waitFor(CACHE_LIMIT) || maker.exitValue() != 0) {
            maker.destroyForcibly().waitFor();
            Files.deleteIfExists(cache.file());
        }
    }

    private List<String> flags(String mode) {
        return new ArrayList<>(List.of("-XX:AOTMode=" + mode, "-XX:AOTConfiguration=" + notes, "-Xlog:disable"));
    }
}
