package dev.weir.cli.merge;

import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reductions of tensors: a partial of each chunk, computed on any thread, added in the order of the chunks. The chunks are
 * those of the stream, so that the sums have the same bits.
 */
final class Partials<T> {

    /** Computes the partial of a chunk; for one thread. */
    interface Reducer<T> extends AutoCloseable {
        T reduce(TensorSpec tensor, ChunkSpec chunk);

        @Override
        void close();
    }

    private final Layout layout;
    private final AtomicReferenceArray<@Nullable T> partials;

    private Partials(List<TensorSpec> tensors) {
        this.layout = Layout.of(tensors);
        this.partials = new AtomicReferenceArray<>(layout.chunkCount());
    }

    /** The sum of each tensor's partials; a tensor without elements has the zero. */
    static <T> List<T> sums(
            List<TensorSpec> tensors, int threads, T zero, BinaryOperator<T> plus, Supplier<Reducer<T>> reducers)
            throws InterruptedException {
        Partials<T> partials = new Partials<>(tensors);
        ChunkQueue.run(threads, partials.layout.chunkCount(), () -> partials.worker(reducers.get()));
        return partials.fold(tensors, zero, plus);
    }

    private ChunkQueue.Worker worker(Reducer<T> reducer) {
        return new ChunkQueue.Worker() {
            @Override
            public void take(int number) {
                ChunkSpec chunk = layout.chunk(number);
                partials.set(number, reducer.reduce(layout.tensorOf(chunk), chunk));
            }

            @Override
            public void close() {
                reducer.close();
            }
        };
    }

    /** Numbers added one by one; neither array changes. */
    static double[] plus(double[] sums, double[] later) {
        double[] both = sums.clone();
        for (int i = 0; i < both.length; i++) {
            both[i] += later[i];
        }
        return both;
    }

    private List<T> fold(List<TensorSpec> tensors, T zero, BinaryOperator<T> plus) {
        List<T> sums = new ArrayList<>(Collections.nCopies(tensors.size(), zero));
        for (int number = 0; number < partials.length(); number++) {
            int tensor = layout.chunk(number).tensor();
            T partial = partials.get(number);
            if (partial != null) {
                sums.set(tensor, plus.apply(sums.get(tensor), partial));
            }
        }
        return sums;
    }
}
