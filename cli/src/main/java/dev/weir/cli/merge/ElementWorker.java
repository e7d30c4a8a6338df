package dev.weir.cli.merge;

import dev.weir.operators.merge.ElementFold;
import dev.weir.operators.merge.ElementWeights;
import dev.weir.operators.shape.Companion;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Means with a weight of each element. Tensors of which a second file has none are combined plainly. */
final class ElementWorker extends MergeWorker {
    private final SideFiles sides;
    private final ElementFold fold;
    private final int newest;

    ElementWorker(Target target, SideFiles sides, ElementWeights weights, double[] scales) {
        super(target);
        this.sides = sides;
        this.fold = new ElementFold(kernel, weights, scales);
        this.newest = lastThatCounts(
                weights.shares().stream().mapToDouble(Double::doubleValue).toArray());
    }

    @Override
    int newest() {
        return newest;
    }

    @Override
    MemorySegment average(TensorSpec tensor, ChunkSpec chunk) {
        MemorySegment bytes = MemorySegment.NULL;
        for (int i = 0; i < target.files().count(); i++) {
            Companion numbers = sides.all(tensor) ? numbers(i, tensor, chunk) : null;
            bytes = model(i, tensor, chunk);
            add(bytes, tensor, numbers, chunk.elements(), i);
        }
        fold.emit(tensor.dtype(), chunk.elements(), bytes);
        return bytes;
    }

    private void add(MemorySegment bytes, TensorSpec tensor, @Nullable Companion numbers, int elements, int model) {
        try {
            fold.add(bytes, tensor.dtype(), numbers, elements, model);
        } catch (IllegalArgumentException refused) {
            throw sides.refused(model, tensor, refused);
        }
    }

    private Companion numbers(int model, TensorSpec tensor, ChunkSpec chunk) {
        TensorSpec second = sides.tensor(model, tensor);
        return new Companion(side(sides.file(model), second, chunk), second.dtype());
    }
}
