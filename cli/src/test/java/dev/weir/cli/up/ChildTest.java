package dev.weir.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChildTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path dir;

    private final BlockingQueue<String> restarts = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

    private Child child(String script) {
        ChildSpec spec = new ChildSpec("probe", "", List.of("/bin/sh", "-c", script), dir, dir.resolve("probe.log"));
        return new Child(spec, restarts::add, ends::add);
    }

    @Test
    void runsOnceItSaysReadyAndStopsWhenAsked() throws Exception {
        Child child = child("echo hello; echo ready http=http://127.0.0.1:7; exec sleep 60");
        child.start();
        assertThat(child.awaitRunning(SOON)).isTrue();
        assertThat(child.state())
                .isInstanceOfSatisfying(
                        ChildState.Running.class,
                        running -> assertThat(running.ready()).isEqualTo("ready http=http://127.0.0.1:7"));
        child.askToStop();
        child.awaitEnd(SOON);
        assertThat(restarts).isEmpty();
        assertThat(Files.readString(dir.resolve("probe.log"))).startsWith("hello\nready");
    }

    @Test
    void isStartedAgainAfterADeathAndGivenUpAfterThree() throws Exception {
        Child child = child("echo ready; echo out of luck >&2; exit 3");
        child.start();
        assertThat(ends.poll(20, TimeUnit.SECONDS)).isEqualTo("died (exit code 3); last log line: out of luck");
        assertThat(restarts).hasSize(2);
        assertThat(child.restarts()).isEqualTo(2);
    }

    @Test
    void aProgramThatIsMissingCountsAsADeath() throws Exception {
        ChildSpec spec = new ChildSpec("probe", "", List.of("/nowhere/program"), dir, dir.resolve("probe.log"));
        new Child(spec, restarts::add, ends::add).start();
        assertThat(ends.poll(20, TimeUnit.SECONDS)).contains("could not be started");
    }

    @Test
    void aChildThatIgnoresTheRequestIsKilled() throws Exception {
        Child child = child("trap '' TERM; echo ready; while :; do sleep 1; done");
        child.start();
        assertThat(child.awaitRunning(SOON)).isTrue();
        long pid = ((ChildState.Running) child.state()).pid();
        child.askToStop();
        child.awaitEnd(Duration.ofMillis(300));
        assertThat(ends).isEmpty();
        assertThat(ProcessHandle.of(pid)).isNotPresent();
    }

    @Test
    void theLogStaysBounded() throws Exception {
        try (RollingLog log = new RollingLog(dir.resolve("x.log"), 1_000)) {
            for (int i = 0; i < 1_000; i++) {
                log.add("line " + i);
            }
            assertThat(log.lastLine()).isEqualTo("line 999");
        }
        long total = 0;
        try (var files = Files.list(dir)) {
            for (Path file : files.toList()) {
                total += Files.size(file);
            }
        }
        assertThat(total).isLessThan(2_100);
    }
}
