package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever follows a channel may be killed at any time: {@code current} names a complete version at every instant. */
final class SubscriberIT {

    private static final int KILLS = 6;

    @TempDir
    private Path dir;

    private final long seed = Long.getLong("weir.seed", System.nanoTime());
    private final Set<String> seen = new ConcurrentSkipListSet<>();
    private final AtomicReference<Throwable> wrong = new AtomicReference<>();
    private volatile boolean stop;

    @Test
    void currentIsCompleteAtEveryInstant() throws Exception {
        System.out.println("SubscriberIT: -Dweir.seed=" + seed);
        Random random = new Random(seed);
        Path out = dir.resolve("out");
        try (UpProcess up = UpProcess.start(dir.resolve("data"), Ports.free()).awaitReady();
                Model model = Model.apply(up, "follow", Model.ema(0.9))) {
            List<Thread> threads = List.of(
                    Thread.ofPlatform().start(() -> guarded(() -> publish(model))),
                    Thread.ofPlatform().start(() -> guarded(() -> watch(out))));
            List<String> follow = up.command(
                    "pull", "--follow", "--model", "follow", "--channel", "ema-0.9", "--out", out.toString());
            for (int i = 0; i < KILLS; i++) {
                int before = seen.size();
                Process follower = Cli.start(follow, dir.resolve("follow.out"), dir.resolve("follow.err"));
                try {
                    UpProcess.await(
                            Duration.ofSeconds(60),
                            () -> seen.size() > before || wrong.get() != null || !follower.isAlive());
                    // A random point of what it does from its first switch on, the end of a pull or the middle.
                    follower.waitFor(random.nextInt(400), TimeUnit.MILLISECONDS);
                    assertThat(follower.isAlive())
                            .as(() -> "alive; it said: " + read(dir.resolve("follow.err")))
                            .isTrue();
                } finally {
                    follower.destroyForcibly().waitFor();
                }
            }
            stop = true;
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(wrong.get()).isNull();
            assertThat(seen).hasSizeGreaterThanOrEqualTo(KILLS);
            model.pull("ema-0.9", out);
            String newest = "v%06d".formatted(model.digests("ema-0.9").size());
            assertThat(verified(out)).isEqualTo(newest);
            whatAnEarlierModelLeftIsNotServed(follow, out.resolve(newest), out.resolve("v000900"));
        }
    }

    /** A model of the same name that was made anew counts from one again. */
    private void whatAnEarlierModelLeftIsNotServed(List<String> follow, Path newest, Path earlier) throws Exception {
        Files.move(newest, earlier);
        Path current = newest.resolveSibling("current");
        Files.delete(current);
        Files.createSymbolicLink(current, earlier.getFileName());
        Cli.Result refused = Cli.run(follow);
        assertThat(refused.exit()).isNotZero();
        assertThat(refused.err()).contains("current is version 900 of channel ema-0.9, whose newest is ");
        assertThat(newest).doesNotExist();
    }

    private void publish(Model model) {
        try (Publisher publisher = model.publisher("run-1", Weights.random(Weights.SMALL, 0))) {
            for (long step = 1; !stop; step++) {
                assertThat(publisher.publish(
                                step, Weights.random(Weights.SMALL, step).source()))
                        .isInstanceOf(Outcome.Accepted.class);
            }
        }
    }

    /** From its first appearance on, current is never missing, never foreign, never half. */
    private void watch(Path out) throws Exception {
        while (!Files.exists(out.resolve("current"), LinkOption.NOFOLLOW_LINKS) && !stop) {
            Thread.onSpinWait();
        }
        while (!stop) {
            seen.add(verified(out));
        }
    }

    /** The version that current names, whose weights have the digest that its manifest says. */
    private static String verified(Path out) throws Exception {
        Path link = Files.readSymbolicLink(out.resolve("current"));
        assertThat(link.isAbsolute()).isFalse();
        Path version = out.resolve(link);
        String digest = new ObjectMapper()
                .readTree(Files.readAllBytes(version.resolve("manifest.json")))
                .path("digest")
                .asText();
        assertThat(Weights.read(version.resolve("model.safetensors")).digest()).isEqualTo(digest);
        return link.toString();
    }

    private interface Work {
        void run() throws Exception;
    }

    private void guarded(Work work) {
        try {
            work.run();
        } catch (Throwable e) {
            wrong.compareAndSet(null, e);
            stop = true;
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
