package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.Reference;
import dev.weir.it.fixture.Trainer;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.MergedChunk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kill -9} half-way through the sixty checkpoints: every digest as undisturbed, nothing lost, nothing twice. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class KillIT {

    private static final String CHANNEL = "ema-0.9";
    private static final Map<String, String> QUICK =
            Map.of("WEIR_SESSION_TIMEOUT_MS", "4000", "WEIR_TRANSACTION_TIMEOUT_MS", "5000");

    @TempDir
    private static Path data;

    private final long seed = Long.getLong("weir.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private SortedMap<Long, Weights> checkpoints;
    private List<String> undisturbed;
    private Ports ports;
    private UpProcess up;
    private long beganMs;

    /** What goes wrong half-way. */
    private interface Fault {
        void happen(Model model) throws Exception;
    }

    @BeforeAll
    void start() throws Exception {
        beganMs = System.currentTimeMillis();
        System.out.println("KillIT: -Dweir.seed=" + seed);
        checkpoints = Trajectory.checkpoints();
        undisturbed = Reference.ema(0.9).addAll(List.copyOf(checkpoints.values())).stream()
                .map(Weights::digest)
                .toList();
        ports = Ports.free();
        up = UpProcess.start(data, ports, QUICK).awaitReady();
    }

    @AfterAll
    void stop() {
        if (up != null) {
            up.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"merge", "coordinate"})
    void anApplicationThatIsKilledGoesOnAsIfNothingHadBeen(String role) throws Exception {
        String name = "killed-" + role;
        run(name, model -> up.child(role, name).destroyForcibly());
        assertThat(up.application(name, role).path("state").asText()).isEqualTo("running");
        assertThat(up.stderr()).contains("weir: " + role + " of " + name + ": died (exit code 137)");
        assertThat(librariesLeft()).as("unpacked by processes that were killed").isEmpty();
        if (role.equals("merge")) {
            assertThat(up.application(name, role).path("foldedAgain").asLong()).isPositive();
        }
    }

    /** Of the store of state, in the temporary directory, since this test began. */
    private List<Path> librariesLeft() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("librocksdbjni"))
                    .filter(file -> file.toFile().lastModified() > beganMs)
                    .toList();
        }
    }

    @Test
    void aBrokerThatIsKilledLosesNothing() throws Exception {
        run("killed-broker", model -> up.child("broker").destroyForcibly());
    }

    /** What starts everything again comes before the other tests' models, which would start again with it. */
    @Test
    @Order(1)
    void everythingKilledAndTheStateDirectoryDeletedLosesNothing() throws Exception {
        String name = "killed-all";
        run(name, model -> {
            List<ProcessHandle> children = up.children();
            up.process().destroyForcibly().waitFor();
            children.forEach(ProcessHandle::destroyForcibly);
            for (ProcessHandle child : children) {
                child.onExit().join();
            }
            delete(data.resolve("models").resolve(name).resolve("merge"));
            up = UpProcess.start(data, ports, QUICK).awaitReady();
        });
        assertThat(up.application(name, "merge").path("foldedAgain").asLong()).isPositive();
    }

    @Test
    @Order(2)
    void anApplicationKilledAndItsStateDirectoryDeletedLosesNothing() throws Exception {
        String name = "killed-and-wiped";
        run(name, model -> {
            up.child("merge", name).destroyForcibly();
            up.process().destroy();
            up.process().waitFor();
            delete(data.resolve("models").resolve(name).resolve("merge"));
            up = UpProcess.start(data, ports, QUICK).awaitReady();
        });
        assertThat(up.application(name, "merge").path("foldedAgain").asLong()).isPositive();
    }

    /** Publishes the checkpoints, lets the fault happen once, half-way, and compares. */
    private void run(String name, Fault fault) throws Exception {
        List<Long> steps = List.copyOf(checkpoints.keySet());
        long at = steps.get(20 + random.nextInt(20));
        AtomicBoolean happened = new AtomicBoolean();
        try (Model model = Model.apply(up, name, Model.ema(0.9))) {
            new Trainer(model, "run-1", checkpoints).publishAll(step -> {
                if (step == at && happened.compareAndSet(false, true)) {
                    unchecked(fault, model);
                }
            });
            assertThat(model.digests(CHANNEL)).isEqualTo(undisturbed);
            List<Manifest> manifests = model.manifests(CHANNEL);
            assertThat(manifests)
                    .extracting(Manifest::getVersion)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, 60).boxed().toList());
            assertThat(manifests).allMatch(manifest -> manifest.getIngredients().size() == manifest.getVersion());
            List<String> chunks = new ArrayList<>();
            model.read(model.topics().merged(), MergedChunk.class)
                    .forEach(chunk -> chunks.add(chunk.getVersion() + "/" + chunk.getChunk()));
            assertThat(chunks).doesNotHaveDuplicates().hasSize(60 * 4);
        }
    }

    private static void unchecked(Fault fault, Model model) {
        try {
            fault.happen(model);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void delete(Path dir) throws Exception {
        try (Stream<Path> paths = Files.walk(dir)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
        assertThat(dir).doesNotExist();
    }
}
