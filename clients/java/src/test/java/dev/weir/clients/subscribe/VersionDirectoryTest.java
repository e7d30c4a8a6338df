package dev.weir.clients.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.clients.ClientException;
import dev.weir.schemas.record.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VersionDirectoryTest {

    @TempDir
    Path temporary;

    private Path out = Path.of("");
    private VersionDirectory directory = new VersionDirectory(out);

    @BeforeEach
    void make() {
        out = temporary.resolve("out");
        directory = new VersionDirectory(out);
    }

    @Test
    void currentIsARelativeLinkToTheVersion() throws IOException {
        install(1);

        assertThat(Files.readSymbolicLink(out.resolve("current"))).isEqualTo(Path.of("v000001"));
        assertThat(out.resolve("current/model.safetensors")).hasContent("weights 1");
        assertThat(out.resolve("current/manifest.json")).hasContent(ManifestJson.write(Snapshots.manifest("ema", 1)));
    }

    @Test
    void currentFollowsNewerVersionsAndOlderOnesStay() throws IOException {
        install(1);
        install(2);

        assertThat(currentName()).isEqualTo("v000002");
        assertThat(names()).containsExactlyInAnyOrder("v000001", "v000002", "current", ".lock");
    }

    @Test
    void currentMovesBackwardsOnlyWhenThatVersionWasAskedFor() throws IOException {
        install(2);
        install(1);
        assertThat(currentName()).isEqualTo("v000002");

        directory.install(Snapshots.manifest("ema", 1), Switching.TO_THIS, VersionDirectoryTest::fail);
        assertThat(currentName()).isEqualTo("v000001");
    }

    @Test
    void versionsAreNamedByTheSameDigitsWhateverTheCountry() throws IOException {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            install(1);
            install(2);
        } finally {
            Locale.setDefault(before);
        }
        assertThat(currentName()).isEqualTo("v000002");
    }

    @Test
    void onlyTheNewestVersionsStayAndTheCurrentOne() throws IOException {
        for (int version = 1; version <= 5; version++) {
            install(version);
        }
        directory.install(Snapshots.manifest("ema", 2), Switching.TO_THIS, VersionDirectoryTest::fail);
        Files.createDirectories(out.resolve("v000003-notes"));
        assertThat(directory.keepNewest(2)).containsExactly("v000001", "v000003");
        assertThat(names())
                .containsExactlyInAnyOrder("v000002", "v000004", "v000005", "v000003-notes", "current", ".lock");
        assertThat(out.resolve("current/model.safetensors")).hasContent("weights 2");
        assertThat(directory.keepNewest(2)).isEmpty();
    }

    @Test
    void aPullThatFailsLeavesTheDirectoryAsItWas() throws IOException {
        install(1);

        assertThatThrownBy(() -> directory.install(Snapshots.manifest("ema", 2), Switching.FORWARD_ONLY, file -> {
                    write(file, "half");
                    throw new IllegalStateException("broken off");
                }))
                .hasMessage("broken off");

        assertThat(currentName()).isEqualTo("v000001");
        assertThat(names()).containsExactlyInAnyOrder("v000001", "current", ".lock");
    }

    @Test
    void leftoversOfAKilledPullGoWithTheNextOne() throws IOException {
        install(1);
        Path half = Files.createDirectory(out.resolve(".pull-1234"));
        Files.writeString(half.resolve("model.safetensors"), "half");
        Files.createSymbolicLink(out.resolve(".current-1234"), Path.of("v000009"));

        install(2);

        assertThat(names()).containsExactlyInAnyOrder("v000001", "v000002", "current", ".lock");
        assertThat(out.resolve("v000001/model.safetensors")).exists();
    }

    @Test
    void aVersionThatWasRenamedBeforeTheLinkWasIsUsedAsItIs() throws IOException {
        install(1);
        Files.delete(out.resolve("current"));

        directory.install(Snapshots.manifest("ema", 1), Switching.FORWARD_ONLY, VersionDirectoryTest::fail);

        assertThat(currentName()).isEqualTo("v000001");
    }

    @Test
    void anotherSnapshotUnderTheSameVersionIsRefused() throws IOException {
        install(1);
        String json = Files.readString(out.resolve("v000001/manifest.json"));
        Files.writeString(
                out.resolve("v000001/manifest.json"),
                json.replace(ManifestJson.hex(Snapshots.manifest("ema", 1).getDigest()), "00"));

        assertThatThrownBy(() -> install(1))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("v000001 is another snapshot or was damaged: its digest is 00");
    }

    @Test
    void aCurrentThatIsNewerThanAllOfTheChannelIsRefused() throws IOException {
        install(5);
        Manifest pulled = Snapshots.manifest("ema", 3);

        directory.refuseWhatIsNewer(pulled, () -> 5);
        assertThatThrownBy(() -> directory.refuseWhatIsNewer(pulled, () -> 4))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining(
                        "current is version 5 of channel ema, whose newest is 4: another model or channel");
        directory.refuseWhatIsNewer(Snapshots.manifest("ema", 5), VersionDirectoryTest::unasked);
        new VersionDirectory(temporary.resolve("new")).refuseWhatIsNewer(pulled, VersionDirectoryTest::unasked);
        assertThat(temporary.resolve("new")).doesNotExist();
    }

    @Test
    void aDirectoryOfAnotherChannelIsRefused() {
        install(1);

        assertThatThrownBy(() -> directory.install(
                        Snapshots.manifest("swa", 2), Switching.FORWARD_ONLY, VersionDirectoryTest::fail))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("it holds channel ema of model mnist, not channel swa of model mnist");
    }

    @Test
    void aCurrentThatIsNoLinkIsRefused() throws IOException {
        Files.createDirectories(out.resolve("current"));

        assertThatThrownBy(() -> install(1)).hasMessageContaining("current is no link to a version");
    }

    @Test
    void pullsAtOnceDoNotDisturbEachOtherAndCurrentAlwaysNamesACompleteVersion() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService pulls = Executors.newFixedThreadPool(4);
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Manifest manifest = Snapshots.manifest("ema", 1 + i % 6);
            done.add(pulls.submit(() -> {
                start.await();
                return new VersionDirectory(out).install(manifest, Switching.FORWARD_ONLY, file -> {
                    assertThat(inside.incrementAndGet()).isEqualTo(1);
                    write(file, "weights " + manifest.getVersion());
                    inside.decrementAndGet();
                });
            }));
        }
        start.countDown();
        while (done.stream().anyMatch(pull -> !pull.isDone())) {
            if (Files.exists(out.resolve("v000006"))) {
                assertThat(out.resolve("current/model.safetensors")).exists();
                assertThat(out.resolve("current/manifest.json")).exists();
            }
        }
        for (Future<?> pull : done) {
            pull.get();
        }
        pulls.shutdown();
        assertThat(currentName()).isEqualTo("v000006");
        assertThat(names()).hasSize(6 + 2);
    }

    private void install(long version) {
        directory.install(
                Snapshots.manifest("ema", version), Switching.FORWARD_ONLY, file -> write(file, "weights " + version));
    }

    private String currentName() throws IOException {
        return Files.readSymbolicLink(out.resolve("current")).toString();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> names = Files.list(out)) {
            return names.map(name -> name.getFileName().toString()).toList();
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long unasked() {
        throw new AssertionError("was asked for the newest version");
    }

    private static void fail(Path file) {
        throw new AssertionError(file + " was written again");
    }
}
