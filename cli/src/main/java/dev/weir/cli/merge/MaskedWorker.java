package dev.weir.cli.merge;

import dev.weir.operators.merge.CombinationFold;
import dev.weir.operators.merge.MaskedFold;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Means over a support that all models share. */
final class MaskedWorker extends MergeWorker {
    private final SideFiles masks;
    private final double[] shares;
    private final MaskedFold fold = new MaskedFold(kernel);

    MaskedWorker(Target target, SideFiles masks, double[] shares) {
        super(target);
        this.masks = masks;
        this.shares = shares;
    }

    @Override
    MemorySegment average(TensorSpec tensor, ChunkSpec chunk) {
        int reference = CombinationFold.reference(shares);
        MemorySegment bytes = model(reference, tensor, chunk);
        MemorySegment mask = mask(reference, tensor, chunk, bytes);
        fold.begin(bytes, tensor.dtype(), mask, maskTensor(reference, tensor).dtype(), chunk.elements());
        for (int i = 0; i < shares.length; i++) {
            if (i != reference) {
                bytes = model(i, tensor, chunk);
                mask = mask(i, tensor, chunk, bytes);
                int differs = fold.add(
                        bytes, tensor.dtype(), mask, maskTensor(i, tensor).dtype(), chunk.elements(), shares[i]);
                if (differs >= 0) {
                    throw new IllegalArgumentException("tensor " + tensor.name() + " element "
                            + (chunk.firstElement() + differs) + ": the masks of " + name(reference) + " and "
                            + name(i) + " differ; allowed: the same zeros in every model");
                }
            }
        }
        fold.emit(tensor.dtype(), chunk.elements(), bytes);
        return bytes;
    }

    private MemorySegment mask(int model, TensorSpec tensor, ChunkSpec chunk, MemorySegment bytes) {
        return masks.has(model, tensor) ? side(masks.file(model), masks.tensor(model, tensor), chunk) : bytes;
    }

    private TensorSpec maskTensor(int model, TensorSpec tensor) {
        return masks.has(model, tensor) ? masks.tensor(model, tensor) : tensor;
    }

    private Path name(int model) {
        return target.files().file(model).path();
    }
}
