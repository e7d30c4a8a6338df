package dev.weir.cli.delta;

import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ContentDigest;
import dev.weir.schemas.tensor.Layout;
import java.util.HexFormat;

/** The content digest of a model file, the same as that of a checkpoint or snapshot with its weights. */
public final class ModelDigest {

    private ModelDigest() {}

    /** In hexadecimal. */
    public static String of(SafetensorsFile model) {
        Layout layout = model.layout();
        ContentDigest digest = new ContentDigest(layout);
        for (int chunk = 0; chunk < layout.chunkCount(); chunk++) {
            digest.update(model.read(layout.chunk(chunk)));
        }
        return HexFormat.of().formatHex(digest.finish());
    }
}
