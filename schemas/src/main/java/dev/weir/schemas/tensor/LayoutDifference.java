package dev.weir.schemas.tensor;

import java.util.List;
import java.util.Optional;

/** The first difference between a layout and the model's, by a walk through both in byte order. */
final class LayoutDifference {

    private LayoutDifference() {}

    static Optional<String> between(Layout layout, Layout model) {
        List<TensorSpec> ours = layout.tensors();
        List<TensorSpec> theirs = model.tensors();
        for (int i = 0; i < Math.max(ours.size(), theirs.size()); i++) {
            int order =
                    i == ours.size() ? 1 : i == theirs.size() ? -1 : ByteOrdered.compare(ours.get(i), theirs.get(i));
            if (order < 0) {
                return Optional.of("tensor " + ours.get(i).name() + " is extra, the model does not have it");
            }
            if (order > 0) {
                return Optional.of("tensor " + theirs.get(i).name() + " is missing, the model has it");
            }
            Optional<String> inTensor = between(ours.get(i), theirs.get(i));
            if (inTensor.isPresent()) {
                return inTensor;
            }
        }
        if (layout.chunkElements() != model.chunkElements()) {
            return Optional.of(
                    "chunks have " + layout.chunkElements() + " elements, the model's have " + model.chunkElements());
        }
        return Optional.empty();
    }

    private static Optional<String> between(TensorSpec ours, TensorSpec theirs) {
        if (!ours.shape().equals(theirs.shape())) {
            return Optional.of(
                    "tensor " + ours.name() + " has shape " + ours.shape() + ", the model has " + theirs.shape());
        }
        if (ours.dtype() != theirs.dtype()) {
            return Optional.of(
                    "tensor " + ours.name() + " has dtype " + ours.dtype() + ", the model has " + theirs.dtype());
        }
        return Optional.empty();
    }
}
