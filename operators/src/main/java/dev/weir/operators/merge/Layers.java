package dev.weir.operators.merge;

import java.util.ArrayList;
import java.util.List;

/** Layers of a model: tensors whose names differ only behind the last dot. */
final class Layers {
    private final List<String> names = new ArrayList<>();
    private final int[] layers;

    Layers(List<String> tensors) {
        layers = new int[tensors.size()];
        for (int i = 0; i < layers.length; i++) {
            String tensor = tensors.get(i);
            String layer = tensor.substring(0, Math.max(0, tensor.lastIndexOf('.')));
            if (!names.contains(layer)) {
                names.add(layer);
            }
            layers[i] = names.indexOf(layer);
        }
    }

    int count() {
        return names.size();
    }

    /** Number of a tensor's layer. */
    int of(int tensor) {
        return layers[tensor];
    }
}
