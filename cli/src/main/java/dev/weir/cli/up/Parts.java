package dev.weir.cli.up;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the child processes are, and how each is started. */
final class Parts {

    private static final String ITS_OWN_LOADER = "io.quarkus.bootstrap.runner.QuarkusEntryPoint";
    private static final String ON_ONE_CLASS_PATH = "io.quarkus.runner.GeneratedMain";

    private final UpSettings settings;
    private final DataDir data;

    Parts(UpSettings settings, DataDir data) {
        this.settings = settings;
        this.data = data;
    }

    ChildSpec broker() {
        List<String> command = new JavaCommand("broker", "-Xmx768m")
                .with(JavaCommand.LARGE_RECORDS)
                .verb(
                        "broker",
                        "--bind",
                        settings.bind(),
                        "--advertised",
                        settings.host(),
                        "--port",
                        Integer.toString(settings.kafkaPort()),
                        "--dir",
                        data.kafka().toString(),
                        // All stream threads have their share at once; else the first loads the keyframes of all
                        // partitions.
                        "--join-wait-ms",
                        "500");
        return new ChildSpec("broker", "", command, data.root(), data.log("broker"));
    }

    /** With its class cache, if that has been made. */
    ChildSpec registry() {
        Optional<RegistryCache> cache = JavaCommand.classCache()
                .map(file -> RegistryCache.in(file.resolveSibling("")))
                .filter(RegistryCache::isMade);
        if (cache.isPresent()) {
            return registry(cache.get(), JavaCommand.cached(cache.get().file()));
        }
        return registry(List.of(), RegistryCache.unpacked().resolve("quarkus-run.jar"), ITS_OWN_LOADER);
    }

    /** On one class path, in a JVM with these flags, which read or write the cache. */
    ChildSpec registry(RegistryCache cache, List<String> flags) {
        List<String> all = new ArrayList<>(flags);
        all.add("-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
        return registry(all, cache.jar(), ON_ONE_CLASS_PATH);
    }

    /** Stores in an H2 database that writes each commit at once; its path is relative, so that any directory will do. */
    private ChildSpec registry(List<String> flags, Path classPath, String entryPoint) {
        List<String> command = new JavaCommand(
                        "registry",
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=tmp",
                        "-Dapicurio.storage.snapshot.location=tmp",
                        "-Dapicurio.import.work-dir=tmp",
                        "-Dquarkus.http.host=" + settings.bind(),
                        "-Dquarkus.http.port=" + settings.registryPort(),
                        "-Dquarkus.http.access-log.enabled=false",
                        "-Dquarkus.management.host=127.0.0.1",
                        "-Dquarkus.management.port=0",
                        "-Dapicurio.datasource.url=jdbc:h2:file:./registry;WRITE_DELAY=0",
                        "-Dapicurio.datasource.jdbc.initial-size=1",
                        "-Dapicurio.datasource.jdbc.min-size=1",
                        "-Dapicurio.datasource.jdbc.max-size=10")
                .with(flags)
                .main(
                        JavaCommand.classPath(JavaCommand.home().resolve("weir-cli-registry.jar"), classPath),
                        "dev.weir.cli.registry.RegistryMain",
                        settings.registryUrl(),
                        entryPoint);
        return new ChildSpec("registry", "", command, data.registry(), data.log("registry"));
    }

    /**
     * Weights lie off the heap, so those who hold them or read them through need little of it. Comparisons are held on the heap.
     */
    private static JavaCommand java(String role) {
        if (role.equals("compatibility")) {
            return new JavaCommand(role);
        }
        JavaCommand command = new JavaCommand(role, "-Xmx512m").with(JavaCommand.LARGE_RECORDS);
        return role.equals("merge") ? command.with(JavaCommand.VECTORS) : command;
    }

    /** @param role {@code merge} or {@code coordinate} */
    ChildSpec application(String role, String model, Path config) {
        List<String> command = java(role).verb("run", "--config", config.toString());
        return new ChildSpec(role, model, command, data.root(), data.log(role + "-" + model));
    }
}
