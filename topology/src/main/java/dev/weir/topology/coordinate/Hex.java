package dev.weir.topology.coordinate;

import dev.weir.schemas.record.Sha256;
import java.util.HexFormat;

/** Digests as text. */
final class Hex {
    private Hex() {}

    static String of(Sha256 digest) {
        return HexFormat.of().formatHex(digest.bytes());
    }

    static Sha256 sha256(String hex) {
        return new Sha256(HexFormat.of().parseHex(hex));
    }
}
