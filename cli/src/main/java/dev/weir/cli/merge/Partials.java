package dev.weir.cli.merge;

import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reductions of tensors: a partial of each chunk, computed on any thread, added in the order of the chunks as soon as those
 * before it are, so that memory does not grow with their number. The chunks are those of the stream, so that the sums have
 * the same bits.
 */
final class Partials<T> {

    /** Computes the partial of a chunk; for one thread. */
    interface Reducer<T> extends AutoCloseable {
        T reduce(TensorSpec tensor, ChunkSpec chunk);

        @Override
        void close();
    }

    private final Layout layout;
    private final BinaryOperator<T> plus;
    /** Of each tensor the sum over its chunks before the next. */
    private final List<T> sums;
    /** Of chunks behind the next, on which a thread still works: about as many as there are threads. */
    private final Map<Integer, T> waiting = new HashMap<>();

    private int next;

    private Partials(List<TensorSpec> tensors, T zero, BinaryOperator<T> plus) {
        this.layout = Layout.of(tensors);
        this.plus = plus;
        this.sums = new ArrayList<>(Collections.nCopies(tensors.size(), zero));
    }

    /** The sum of each tensor's partials; a tensor without elements has the zero. */
    static <T> List<T> sums(
            List<TensorSpec> tensors, int threads, T zero, BinaryOperator<T> plus, Supplier<Reducer<T>> reducers)
            throws InterruptedException {
        Partials<T> partials = new Partials<>(tensors, zero, plus);
        ChunkQueue.run(threads, partials.layout.chunkCount(), () -> partials.worker(reducers.get()));
        return partials.sums;
    }

    private synchronized void add(int number, T partial) {
        waiting.put(number, partial);
        @Nullable T first = waiting.remove(next);
        while (first != null) {
            int tensor = layout.chunk(next).tensor();
            sums.set(tensor, plus.apply(sums.get(tensor), first));
            next++;
            first = waiting.remove(next);
        }
    }

    private ChunkQueue.Worker worker(Reducer<T> reducer) {
        return new ChunkQueue.Worker() {
            @Override
            public void take(int number) {
                ChunkSpec chunk = layout.chunk(number);
                add(number, reducer.reduce(layout.tensorOf(chunk), chunk));
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
}
