package dev.weir.clients.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.Manifest;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ManifestJsonTest {

    private static final String ZEROS = "0".repeat(64);

    @Test
    void theDocumentIsStableToTheByte() {
        String digest = ManifestJson.hex(Snapshots.manifest("ema-0.9", 3).getDigest());
        String layoutHash = ManifestJson.hex(Snapshots.LAYOUT.hashRecord());

        assertThat(ManifestJson.write(Snapshots.manifest("ema-0.9", 3)))
                .isEqualTo("""
                        {
                          "model" : "mnist",
                          "channel" : "ema-0.9",
                          "version" : 3,
                          "seq" : 44,
                          "run" : "r",
                          "step" : 30,
                          "digest" : "%s",
                          "layoutHash" : "%s",
                          "operator" : "ema",
                          "settings" : {
                            "bias-correction" : "true",
                            "decay" : "0.9"
                          },
                          "tensors" : [ {
                            "name" : "a",
                            "dtype" : "F32",
                            "shape" : [ 2, 3 ]
                          }, {
                            "name" : "frozen",
                            "dtype" : "U8",
                            "shape" : [ 3 ]
                          }, {
                            "name" : "z",
                            "dtype" : "F32",
                            "shape" : [ ]
                          } ],
                          "skipped" : [ "frozen" ],
                          "ingredients" : [ {
                            "seq" : 1,
                            "run" : "r",
                            "step" : 10,
                            "weight" : 0.1,
                            "checkpointDigest" : "%s"
                          }, {
                            "seq" : 2,
                            "run" : "q",
                            "step" : 11,
                            "weight" : 0.9,
                            "checkpointDigest" : "%s"
                          } ],
                          "omitted" : 0,
                          "omittedWeight" : 0.0
                        }
                        """.formatted(digest, layoutHash, ZEROS, ZEROS));
    }

    @Test
    void whatRunsDescendFromStandsBehindTheSettings() {
        Manifest manifest = Snapshots.manifest("ema-0.9", 3);
        manifest.put("provenance", Map.of("r", Map.of("calibration", "mixup", "ancestor", "vit")));
        assertThat(ManifestJson.write(manifest)).contains("""
                  },
                  "provenance" : {
                    "r" : {
                      "ancestor" : "vit",
                      "calibration" : "mixup"
                    }
                  },
                  "tensors" : [ {
                """);
    }

    @Test
    void anAverageOverWhatWasLeftOfALogSaysFromWhichDecision() {
        Manifest manifest = Snapshots.manifest("ema-0.9", 3);
        manifest.put("fromSeq", 7L);
        assertThat(ManifestJson.write(manifest)).contains("  \"seq\" : 44,\n  \"fromSeq\" : 7,\n  \"run\" : \"r\",");
    }
}
