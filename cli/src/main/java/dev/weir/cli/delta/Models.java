package dev.weir.cli.delta;

import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ContentDigest;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** What both directions ask of a model. */
final class Models {

    private Models() {}

    /** Content digest, in hexadecimal. */
    static String digest(SafetensorsFile model) {
        Layout layout = model.layout();
        ContentDigest digest = new ContentDigest(layout);
        for (int chunk = 0; chunk < layout.chunkCount(); chunk++) {
            digest.update(model.read(layout.chunk(chunk)));
        }
        return HexFormat.of().formatHex(digest.finish());
    }

    /** The tensors by name. */
    static Map<String, TensorSpec> tensors(SafetensorsFile model) {
        Map<String, TensorSpec> tensors = new HashMap<>();
        model.layout().tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        return tensors;
    }
}
