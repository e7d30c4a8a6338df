package dev.weir.cli.merge;

import dev.weir.operators.merge.Coefficients;
import dev.weir.operators.merge.CombinationFold;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Linear combinations. A model of coefficient 0 in every tensor does not enter. */
final class LinearWorker extends MergeWorker {
    private final CombinationFold fold = new CombinationFold(kernel);
    private final Map<String, double[]> rows = new HashMap<>();
    private final int newest;

    LinearWorker(Target target, List<TensorSpec> averaged, Coefficients coefficients) {
        super(target);
        double[] most = new double[target.files().count()];
        for (int i = 0; i < averaged.size(); i++) {
            double[] row = coefficients.of(i);
            rows.put(averaged.get(i).name(), row);
            Arrays.setAll(most, model -> Math.max(most[model], Math.abs(row[model])));
        }
        this.newest = lastThatCounts(most);
    }

    @Override
    int newest() {
        return newest;
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
