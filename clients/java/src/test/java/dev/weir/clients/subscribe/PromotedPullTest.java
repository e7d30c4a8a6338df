package dev.weir.clients.subscribe;

import static dev.weir.schemas.record.PromotionVerdict.HELD;
import static dev.weir.schemas.record.PromotionVerdict.PROMOTED;
import static dev.weir.schemas.record.PromotionVerdict.ROLLED_BACK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.clients.ClientException;
import dev.weir.clients.promote.VerdictLog;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.Subject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PromotedPullTest {

    @TempDir
    Path temporary;

    private final VerdictLog topic = new VerdictLog();
    private final Set<Subject> retired = new HashSet<>();
    private final List<String> downloads = new ArrayList<>();
    private final PromotedPull pull = new PromotedPull("mnist", topic.log(), this::find, this::download);
    private Path out = Path.of("");

    @BeforeEach
    void make() {
        out = temporary.resolve("out");
    }

    @Test
    void versionsOfSeveralChannelsAreNamedByTheirPromotions() throws IOException {
        topic.add(HELD, "ema", 1);
        topic.add(PROMOTED, "ema", 40);
        pullNow();
        topic.add(PROMOTED, "swa", 3);
        PromotedVersion pulled = pullNow();

        assertThat(pulled.path().getFileName()).hasToString("v000003");
        assertThat(currentName()).isEqualTo("v000003");
        assertThat(out.resolve("current/model.safetensors")).hasContent("swa 3");
        assertThat(out.resolve("current/manifest.json")).hasContent(ManifestJson.write(Snapshots.manifest("swa", 3)));
        assertThat(Files.readString(out.resolve("current/promotion.json"))).contains("\"number\" : 3");
        assertThat(out.resolve("v000002/model.safetensors")).hasContent("ema 40");
    }

    @Test
    void aRollbackGoesBackToWhatIsThereEvenIfItWasRetired() throws IOException {
        topic.add(PROMOTED, "ema", 1);
        pullNow();
        topic.add(PROMOTED, "ema", 2);
        pullNow();
        retired.add(new Subject("ema", 1L));
        topic.add(ROLLED_BACK, "ema", 1);
        PromotedVersion pulled = pullNow();

        assertThat(pulled.promotion().getNumber()).isEqualTo(3);
        assertThat(currentName()).isEqualTo("v000001");
        assertThat(downloads).containsExactly("ema 1", "ema 2");
    }

    @Test
    void whatAnEarlierModelOfTheSameNameLeftThereIsNotTakenForTheBaseline() throws IOException {
        topic.add(PROMOTED, "ema", 1);
        pullNow();
        Path left = out.resolve("v000001/manifest.json");
        String digest = ManifestJson.hex(Snapshots.manifest("ema", 1).getDigest());
        Files.writeString(left, Files.readString(left).replace(digest, "00"));

        assertThatThrownBy(this::pullNow)
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("v000001 is another snapshot or was damaged: its digest is 00");
    }

    @Test
    void aRollbackToWhatWasNeverPulledBringsItUnderTheNumberOfItsPromotion() throws IOException {
        topic.add(PROMOTED, "ema", 1);
        topic.add(PROMOTED, "ema", 2);
        pullNow();
        topic.add(ROLLED_BACK, "ema", 1);
        pullNow();

        assertThat(currentName()).isEqualTo("v000001");
        assertThat(downloads).containsExactly("ema 2", "ema 1");
    }

    @Test
    void aBaselineThatIsGoneIsAFailureUnlessAnotherOneIsInForce() {
        topic.add(PROMOTED, "ema", 1);
        retired.add(new Subject("ema", 1L));
        Promotion first = pull.inForce().orElseThrow();

        assertThatThrownBy(() -> pull.pullUnlessOvertaken(first, out))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("channel ema version 1: is the baseline, but has been retired");

        topic.add(PROMOTED, "ema", 2);
        assertThat(pull.pullUnlessOvertaken(first, out)).isEmpty();
    }

    @Test
    void promotedVersionsAndThoseOfAChannelDoNotMix() {
        topic.add(PROMOTED, "ema", 1);
        pullNow();
        assertThatThrownBy(() -> new VersionDirectory(out)
                        .install(Snapshots.manifest("ema", 2), Switching.FORWARD_ONLY, file -> {}))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("it holds the promoted versions of model mnist, not channel ema of model mnist");

        Path other = temporary.resolve("other");
        Manifest ema = Snapshots.manifest("ema", 2);
        new VersionDirectory(other).install(ema, Switching.FORWARD_ONLY, file -> download(ema, file));
        assertThatThrownBy(() -> pull.pull(pull.inForce().orElseThrow(), other))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("it holds channel ema of model mnist, not the promoted versions of model mnist");
    }

    private PromotedVersion pullNow() {
        return pull.pull(pull.inForce().orElseThrow(), out);
    }

    private Optional<Manifest> find(Subject subject) {
        return retired.contains(subject)
                ? Optional.empty()
                : Optional.of(Snapshots.manifest(subject.getChannel(), subject.getVersion()));
    }

    private void download(Manifest manifest, Path file) {
        String name = manifest.getChannel() + " " + manifest.getVersion();
        downloads.add(name);
        try {
            Files.writeString(file, name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String currentName() throws IOException {
        return Files.readSymbolicLink(out.resolve("current")).toString();
    }
}
