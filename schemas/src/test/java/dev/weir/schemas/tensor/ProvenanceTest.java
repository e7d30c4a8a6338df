package dev.weir.schemas.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProvenanceTest {

    @Test
    void whatIsWithinTheLimitsIsAllowed() {
        Map<String, String> most = new HashMap<>();
        for (int i = 0; i < 16; i++) {
            most.put("k".repeat(48 + i + 1), "v".repeat(256));
        }
        assertThat(Provenance.refusal(most)).isEmpty();
        assertThat(Provenance.refusal(Map.of())).isEmpty();
    }

    @Test
    void whatIsBeyondIsRefusedByName() {
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i < 17; i++) {
            many.put("k" + i, "v");
        }
        assertThat(Provenance.refusal(many)).isEqualTo("provenance has 17 keys; allowed: up to 16");
        assertThat(Provenance.refusal(Map.of("é".repeat(33), "v")))
                .isEqualTo("provenance key \"" + "é".repeat(33) + "\" has 66 bytes; allowed: 1 to 64");
        assertThat(Provenance.refusal(Map.of("ancestor", "v".repeat(257))))
                .isEqualTo("provenance ancestor has 257 bytes; allowed: 1 to 256");
        assertThat(Provenance.refusal(Map.of("ancestor", "")))
                .isEqualTo("provenance ancestor has 0 bytes; allowed: 1 to 256");
        assertThat(Provenance.refusal(Map.of("", "v"))).startsWith("provenance key \"\" has 0 bytes");
    }

    @Test
    void commonIsWhatAllSayAlike() {
        Map<String, String> one = Map.of("ancestor", "vit", "target", "a");
        assertThat(Provenance.common(List.of(one, Map.of("ancestor", "vit", "target", "b"))))
                .containsExactlyEntriesOf(Map.of("ancestor", "vit"));
        assertThat(Provenance.common(List.of(one))).isEqualTo(one);
        assertThat(Provenance.common(List.of(one, Map.of()))).isEmpty();
        assertThat(Provenance.common(List.of())).isEmpty();
    }

    @Test
    void inFilesItIsMetadataBehindAPrefix() {
        Map<String, String> said = Map.of(Provenance.ANCESTOR, "vit", Provenance.CALIBRATION, "mixup");
        Map<String, String> metadata = new HashMap<>(Provenance.toMetadata(said));
        assertThat(metadata).containsEntry("weir.ancestor", "vit").hasSize(2);
        metadata.put("format", "pt");
        assertThat(Provenance.ofMetadata(metadata)).isEqualTo(said);
    }
}
