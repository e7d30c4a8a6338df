package dev.weir.operators.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("B7 model-stock in a stream")
final class StockFoldTest {
    private static final long SEED = 20_261_128;

    @Test
    void givesTheGoldenNumbers() {
        List<double[]> three = List.of(of(0, 0, 0), of(1, 2, 2), of(2, 1, -2), of(2, 2, 1));
        double[] golden = {1.176470588, 1.176470588, 0.235294118};
        assertThat(fold(three, Dtype.F64, 3)).containsExactly(golden, within(1e-9));
        assertThat(fold(three, Dtype.F32, 3)).containsExactly(golden, within(1e-7));
        assertThat(fold(List.of(of(0, 0, 0), of(3, 0, 4), of(0, 3, 4)), Dtype.F64, 3))
                .containsExactly(of(1.170731707, 1.170731707, 3.121951220), within(1e-9));
    }

    @Test
    void givesWhatTheMergeOfFilesGives() {
        List<double[]> models = models(5, 9_001);
        double[] files = Vectors.f64(Vectors.create("model-stock", Map.of()), models.toArray(double[][]::new));
        assertThat(fold(models, Dtype.F64, 9_001)).containsExactly(files, within(1e-13));
    }

    @Test
    void chunksOfATensorShareItsReductions() {
        List<double[]> models = models(4, 9_001);
        assertThat(fold(models, Dtype.F64, 4_000)).containsExactly(fold(models, Dtype.F64, 9_001), within(1e-14));
    }

    @Test
    void aModelEqualToTheBaseHasNoDirection() {
        assertThat(fold(List.of(of(1, 1), of(2, 1), of(1, 1)), Dtype.F64, 2)).containsExactly(1, 1);
        assertThat(fold(List.of(of(1, 1), of(2, 3)), Dtype.F64, 2)).containsExactly(2, 3);
    }

    /** Chunks of so many elements, each with its own state, partials added in the order of the chunks. */
    private static double[] fold(List<double[]> models, Dtype dtype, int chunkElements) {
        int elements = models.getFirst().length;
        List<StockFold> folds = new ArrayList<>();
        List<List<MemorySegment>> chunks = new ArrayList<>();
        for (int from = 0; from < elements; from += chunkElements) {
            int n = Math.min(chunkElements, elements - from);
            int begin = from;
            folds.add(new StockFold(
                    Kernel.create(), dtype, n, MemorySegment.ofArray(new byte[(int) StockFold.stateBytes(dtype, n)])));
            chunks.add(models.stream()
                    .map(model -> Vectors.bytes(java.util.Arrays.copyOfRange(model, begin, begin + n), dtype))
                    .toList());
            folds.getLast().base(chunks.getLast().getFirst());
        }
        int moved = 0;
        for (int model = 1; model < models.size(); model++) {
            double square = 0;
            for (int c = 0; c < folds.size(); c++) {
                square += folds.get(c).squaredLength(chunks.get(c).get(model));
            }
            moved += square > 0 ? 1 : 0;
            for (int c = 0; c < folds.size(); c++) {
                folds.get(c).add(chunks.get(c).get(model), Math.sqrt(square));
            }
        }
        double directions = 0;
        for (StockFold fold : folds) {
            directions += fold.squaredDirections();
        }
        int n = models.size() - 1;
        double t = StockFold.ratio(directions, moved, n);
        double[] merged = new double[elements];
        for (int c = 0; c < folds.size(); c++) {
            int count = Math.min(chunkElements, elements - c * chunkElements);
            MemorySegment out = Vectors.bytes(new double[count], dtype);
            folds.get(c).emit(t, n, out);
            double[] values = new double[count];
            Kernel.create().decode64(out, dtype, 0, count, values);
            System.arraycopy(values, 0, merged, c * chunkElements, count);
        }
        return merged;
    }

    private static List<double[]> models(int count, int elements) {
        Random random = new Random(SEED);
        List<double[]> models = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            models.add(random.doubles(elements, -1, 1).toArray());
        }
        return models;
    }

    private static double[] of(double... values) {
        return values;
    }
}
