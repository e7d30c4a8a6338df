package dev.weir.cli.verb;

import dev.weir.cli.WeirException;
import dev.weir.cli.delta.ModelDigest;
import dev.weir.cli.experts.Expert;
import dev.weir.schemas.safetensors.SafetensorsFile;
import java.nio.file.Path;

/** Content digests of experts and their bases. */
final class ExpertDigests {

    private ExpertDigests() {}

    static String of(Path file) {
        try (SafetensorsFile model = SafetensorsFile.open(file)) {
            return ModelDigest.of(model);
        }
    }

    /** Of a base that was named by its file or its digest; empty where none was. */
    static String ofBase(String base) {
        return base.isEmpty() || base.matches("[0-9a-f]{64}") ? base : of(Path.of(base));
    }

    /**
     * Checks an expert before it is merged.
     *
     * @param wanted digest of the base that it must have; empty: any
     */
    static void check(Expert expert, Path file, String wanted) {
        if (!wanted.isEmpty() && !wanted.equals(expert.base())) {
            throw new WeirException(
                    "expert " + expert.name(),
                    "has base " + (expert.base().isEmpty() ? "none" : expert.base()),
                    "allowed: " + wanted,
                    "");
        }
        String digest = of(file);
        if (!digest.equals(expert.digest())) {
            throw new WeirException(
                    "expert " + expert.name(),
                    file + " has digest " + digest,
                    "allowed: that which was added, " + expert.digest(),
                    "restore the file, or run weir experts add --replace");
        }
    }
}
