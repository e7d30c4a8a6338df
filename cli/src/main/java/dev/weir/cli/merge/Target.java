package dev.weir.cli.merge;

import dev.weir.operators.TensorPolicy;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.Layout;
import java.util.List;

/**
 * What all workers of a merge share.
 *
 * @param layout of the output
 */
record Target(
        InputFiles files, List<TensorPolicy.Rule> rules, Layout layout, SafetensorsWriter writer, WriteBehind behind) {
    Target {
        rules = List.copyOf(rules);
    }
}
