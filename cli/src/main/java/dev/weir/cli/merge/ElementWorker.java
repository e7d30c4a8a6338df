package dev.weir.cli.merge;

import dev.weir.operators.merge.CombinationFold;
import dev.weir.operators.merge.ElementFold;
import dev.weir.operators.merge.ElementWeights;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;

/** Means with a weight of each element. Tensors of which a second file has none are combined plainly. */
final class ElementWorker extends MergeWorker {
    private final SideFiles sides;
    private final ElementWeights weights;
    private final ElementFold fold;
    private final CombinationFold plain = new CombinationFold(kernel);

    ElementWorker(Target target, SideFiles sides, ElementWeights weights, double[] scales) {
        super(target);
        this.sides = sides;
        this.weights = weights;
        this.fold = new ElementFold(kernel, weights, scales);
    }

    @Override
    MemorySegment average(TensorSpec tensor, ChunkSpec chunk) {
        return sides.all(tensor) ? weighted(tensor, chunk) : plainly(tensor, chunk);
    }

    private MemorySegment weighted(TensorSpec tensor, ChunkSpec chunk) {
        Dtype dtype = tensor.dtype();
        int elements = chunk.elements();
        MemorySegment bytes = model(0, tensor, chunk);
        for (int i = 0; i < target.files().count(); i++) {
            SafetensorsFile file = sides.file(i);
            TensorSpec second = sides.tensor(i, tensor);
            MemorySegment numbers = side(file, second, chunk);
            try {
                if (i == 0) {
                    fold.begin(bytes, dtype, numbers, second.dtype(), elements);
                } else {
                    bytes = model(i, tensor, chunk);
                    fold.add(bytes, dtype, numbers, second.dtype(), elements, i);
                }
            } catch (IllegalArgumentException refused) {
                throw new IllegalArgumentException(
                        file.path() + ": tensor " + tensor.name() + ": " + refused.getMessage(), refused);
            }
        }
        fold.emit(dtype, elements, bytes);
        return bytes;
    }

    private MemorySegment plainly(TensorSpec tensor, ChunkSpec chunk) {
        MemorySegment bytes = model(0, tensor, chunk);
        plain.begin(bytes, tensor.dtype(), chunk.elements());
        for (int i = 1; i < target.files().count(); i++) {
            plain.add(
                    model(i, tensor, chunk),
                    tensor.dtype(),
                    chunk.elements(),
                    weights.plain().get(i));
        }
        plain.emit(tensor.dtype(), chunk.elements(), bytes);
        return bytes;
    }
}
