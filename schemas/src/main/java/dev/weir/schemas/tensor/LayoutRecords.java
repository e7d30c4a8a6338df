package dev.weir.schemas.tensor;

import dev.weir.schemas.record.Tensor;
import dev.weir.schemas.record.TensorLayout;
import java.util.ArrayList;
import java.util.List;

/** Layouts to and from the records that carry them. */
final class LayoutRecords {

    private LayoutRecords() {}

    static TensorLayout write(Layout layout) {
        List<Tensor> tensors = new ArrayList<>(layout.tensors().size());
        for (TensorSpec tensor : layout.tensors()) {
            tensors.add(new Tensor(tensor.name(), tensor.dtype().label(), tensor.shape()));
        }
        return new TensorLayout(tensors, layout.chunkElements());
    }

    static Layout read(TensorLayout layoutRecord) {
        List<TensorSpec> tensors = new ArrayList<>(layoutRecord.getTensors().size());
        for (Tensor tensor : layoutRecord.getTensors()) {
            tensors.add(new TensorSpec(tensor.getName(), dtype(tensor), tensor.getShape()));
        }
        Layout layout = Layout.of(tensors, layoutRecord.getChunkElements());
        for (int i = 0; i < tensors.size(); i++) {
            if (!tensors.get(i).equals(layout.tensors().get(i))) {
                throw new IllegalArgumentException("tensor " + tensors.get(i).name() + " is number " + i
                        + " of the record, tensors must be in byte order of their names");
            }
        }
        return layout;
    }

    private static Dtype dtype(Tensor tensor) {
        try {
            return Dtype.of(tensor.getDtype());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tensor " + tensor.getName() + ": " + e.getMessage(), e);
        }
    }
}
