package dev.weir.topology.coordinate;

import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The layouts that runs announced, and the model's, which its first accepted checkpoint has. */
final class LayoutBook {
    /** A layout as it is stored. */
    record StoredLayout(int chunkElements, List<StoredTensor> tensors) {}

    /** A tensor of it. */
    record StoredTensor(String name, String dtype, List<Long> shape) {}

    private final String model;
    private final StateStore store;

    LayoutBook(String model, StateStore store) {
        this.model = model;
        this.store = store;
    }

    /** Remembers a layout that a run announced. */
    void announce(Layout layout) {
        List<StoredTensor> tensors = layout.tensors().stream()
                .map(tensor -> new StoredTensor(tensor.name(), tensor.dtype().label(), tensor.shape()))
                .toList();
        store.put("layout/" + Hex.of(layout.hashRecord()), new StoredLayout(layout.chunkElements(), tensors));
    }

    /** Empty when the layout is the model's, or the model has none yet; else why the checkpoint is refused. */
    String mismatch(String hash) {
        String models = store.get("model-layout", String.class);
        if (models == null || models.equals(hash)) {
            return "";
        }
        StoredLayout theirs = store.get("layout/" + hash, StoredLayout.class);
        return "layout: "
                + (theirs == null
                        ? "unknown"
                        : layout(theirs).difference(model()).orElse("other chunk size"));
    }

    /** The first accepted checkpoint gives the model its layout. */
    void adopt(String hash) {
        if (store.get("model-layout", String.class) == null) {
            store.put("model-layout", hash);
        }
    }

    /** The model's layout. */
    Layout model() {
        String hash = store.get("model-layout", String.class);
        StoredLayout stored = hash == null ? null : store.get("layout/" + hash, StoredLayout.class);
        if (stored == null) {
            throw new IllegalStateException("model " + model + " has no layout before its first checkpoint");
        }
        return layout(stored);
    }

    /** A layout that a run announced; null: nobody did. */
    @Nullable
    Layout announced(String hash) {
        StoredLayout stored = store.get("layout/" + hash, StoredLayout.class);
        return stored == null ? null : layout(stored);
    }

    private static Layout layout(StoredLayout stored) {
        return Layout.of(
                stored.tensors().stream()
                        .map(tensor -> new TensorSpec(tensor.name(), Dtype.of(tensor.dtype()), tensor.shape()))
                        .toList(),
                stored.chunkElements());
    }
}
