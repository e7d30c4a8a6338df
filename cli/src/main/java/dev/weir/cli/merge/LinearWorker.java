package dev.weir.cli.merge;

import dev.weir.operators.merge.Coefficients;
import dev.weir.operators.merge.CombinationFold;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Linear combinations. */
final class LinearWorker extends MergeWorker {
    private final CombinationFold fold = new CombinationFold(kernel);
    private final Map<String, double[]> rows = new HashMap<>();

    LinearWorker(Target target, List<TensorSpec> averaged, Coefficients coefficients) {
        super(target);
        for (int i = 0; i < averaged.size(); i++) {
            rows.put(averaged.get(i).name(), coefficients.of(i));
        }
    }

    @Override
    MemorySegment average(TensorSpec tensor, ChunkSpec chunk) {
        double[] row = rows.get(tensor.name());
        if (row == null) {
            throw new IllegalStateException("tensor " + tensor.name() + " has no coefficients");
        }
        int reference = CombinationFold.reference(row);
        MemorySegment bytes = model(reference, tensor, chunk);
        fold.begin(bytes, tensor.dtype(), chunk.elements());
        for (int i = 0; i < row.length; i++) {
            if (i != reference && row[i] != 0) {
                fold.add(model(i, tensor, chunk), tensor.dtype(), chunk.elements(), row[i]);
            }
        }
        fold.emit(tensor.dtype(), chunk.elements(), bytes);
        return bytes;
    }
}
