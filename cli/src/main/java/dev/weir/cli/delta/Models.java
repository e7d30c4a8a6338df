package dev.weir.cli.delta;

import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.TensorSpec;
import java.util.HashMap;
import java.util.Map;

/** What both directions ask of a model. */
final class Models {

    private Models() {}

    /** The tensors by name. */
    static Map<String, TensorSpec> tensors(SafetensorsFile model) {
        Map<String, TensorSpec> tensors = new HashMap<>();
        model.layout().tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        return tensors;
    }
}
