package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pull --follow} outlives the broker, tells what it pulled, keeps as much as it is told to, and ends when it is interrupted. */
final class FollowIT {
    private static final Duration LIMIT = Duration.ofSeconds(120);

    @TempDir
    private Path dir;

    @Test
    void aFollowerGoesOnWhenTheBrokerIsBack() throws Exception {
        Ports ports = Ports.free();
        Path out = dir.resolve("out");
        Path told = dir.resolve("told");
        Path err = dir.resolve("err");
        String exec = "echo \"$WEIR_MODEL $WEIR_CHANNEL $WEIR_VERSION $WEIR_PATH\" >> " + told
                + "; echo printed; test \"$WEIR_VERSION\" != 1";
        UpProcess up = UpProcess.start(dir.resolve("data"), ports).awaitReady();
        Process follower = null;
        try {
            publish(up, 1);
            List<String> follow = Stream.concat(
                            up.command("pull", "--follow", "--model", "m", "--channel", "ema-0.9").stream(),
                            Stream.of("--out", out.toString(), "--keep", "2", "--exec", exec, "--timeout", "3"))
                    .toList();
            follower = Cli.startInBackground(follow, dir.resolve("stdout"), err);
            UpProcess.await(LIMIT, () -> read(told).lines().count() == 1);
            publish(up, 2);
            UpProcess.await(LIMIT, () -> read(told).lines().count() == 2);
            up.stop();
            UpProcess.await(LIMIT, () -> outages(err) == 1);
            up = UpProcess.start(dir.resolve("data"), ports).awaitReady();
            publish(up, 3);
            UpProcess.await(LIMIT, () -> read(told).lines().count() == 3);
            assertThat(follower.isAlive()).isTrue();
            assertThat(read(told).lines().skip(2))
                    .containsExactly("m ema-0.9 3 " + out.resolve("v000003").toAbsolutePath());
            UpProcess.await(LIMIT, () -> !Files.exists(out.resolve("v000001")));
            assertThat(out.resolve("v000002")).exists();
            assertThat(out.resolve("current/model.safetensors")).exists();
            assertThat(read(err)).contains("weir: --exec after version 1: exit status 1;", "printed");
            assertThat(read(dir.resolve("stdout"))).doesNotContain("printed");
            Cli.signal(follower.pid(), "INT");
            assertThat(follower.waitFor(60, TimeUnit.SECONDS))
                    .as("ends when it is interrupted")
                    .isTrue();
        } finally {
            if (follower != null) {
                follower.destroyForcibly().waitFor();
            }
            up.close();
        }
    }

    private static void publish(UpProcess up, long step) throws Exception {
        try (Model model = step == 1 ? Model.apply(up, "m", Model.ema(0.9)) : Model.of(up, "m");
                Publisher publisher = model.publisher("r", Weights.random(Weights.SMALL, 0))) {
            publisher.publish(step, Weights.random(Weights.SMALL, step).source());
        }
    }

    private static long outages(Path err) {
        return read(err).lines().filter(line -> line.contains("tries again")).count();
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
