package dev.weir.operators;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lerps of several channels over one chunk, done late: those by one checkpoint share one reading of it, and those by two
 * checkpoints one reading and writing of the means besides. The bits are those of one lerp after the other. Until {@link #run} the
 * states that were given are not up to date; a {@link ChunkFold} runs its batch before it looks. Not thread-safe.
 */
public final class LerpBatch {
    /** Has the memory of chunks. */
    public interface Memory {
        /** A chunk must stay as it is until it is dropped. */
        void keep(MemorySegment chunk);

        /** A chunk that was kept is needed no longer. */
        void drop(MemorySegment chunk);
    }

    private final Kernel kernel;
    private final Memory memory;
    /** Those of checkpoints whose chunk has entered all channels, at most two, oldest first; kept. */
    private final List<Step> entered = new ArrayList<>(2);

    private @Nullable Step entering;

    /** What a checkpoint's chunk does to the means that it enters. */
    private record Step(MemorySegment theta, Dtype dtype, int elements, List<MemorySegment> means, List<Float> shares) {
        MemorySegment[] meanArray() {
            return means.toArray(MemorySegment[]::new);
        }

        float[] shareArray() {
            float[] a = new float[shares.size()];
            for (int i = 0; i < a.length; i++) {
                a[i] = shares.get(i);
            }
            return a;
        }

        boolean hasMeansOf(Step other) {
            boolean same = dtype == other.dtype && elements == other.elements && means.size() == other.means.size();
            for (int i = 0; same && i < means.size(); i++) {
                same = means.get(i).address() == other.means.get(i).address();
            }
            return same;
        }
    }

    /** @param memory has the chunks whose lerps are left */
    public LerpBatch(Kernel kernel, Memory memory) {
        this.kernel = kernel;
        this.memory = memory;
    }

    /**
     * Takes a lerp by a checkpoint's chunk; the next ones are by the same, until {@link #run} or {@link #leave}.
     *
     * @param mean f32, as many as elements
     * @param theta elements of the dtype, which is not F64
     * @param share the coefficient, in [0, 1]
     * @throws IllegalStateException when the checkpoint before has neither been left nor run
     */
    void add(MemorySegment mean, MemorySegment theta, Dtype dtype, int elements, double share) {
        if (entered.size() == 2) {
            run();
        }
        Step step =
                entering == null ? new Step(theta, dtype, elements, new ArrayList<>(), new ArrayList<>()) : entering;
        if (step.theta.address() != theta.address()) {
            throw new IllegalStateException("a checkpoint's chunk has not entered all channels before the next one's");
        }
        entering = step;
        step.means.add(mean);
        step.shares.add((float) share);
    }

    /**
     * A checkpoint's chunk has entered all channels: leaves its lerps to be done with those by the next one.
     *
     * @param untilRead whether those of two checkpoints are left, too, because somebody looks at the states before a third one
     */
    public void leave(boolean untilRead) {
        Step step = entering;
        if (step == null) {
            return;
        }
        memory.keep(step.theta);
        entered.add(step);
        entering = null;
        if (entered.size() == 2 && !untilRead) {
            run();
        }
    }

    /** Does what was taken and left. */
    public void run() {
        Step last = entering;
        entering = null;
        if (last == null && entered.isEmpty()) {
            return;
        }
        List<Step> steps = new ArrayList<>(entered);
        if (last != null) {
            steps.add(last);
        }
        if (steps.size() == 2 && steps.get(0).hasMeansOf(steps.get(1))) {
            Step first = steps.get(0);
            Step second = steps.get(1);
            kernel.lerps32(
                    first.meanArray(),
                    first.theta,
                    second.theta,
                    first.dtype,
                    first.elements,
                    first.shareArray(),
                    second.shareArray());
        } else {
            for (Step step : steps) {
                kernel.lerps32(step.meanArray(), step.theta, step.dtype, step.elements, step.shareArray());
            }
        }
        entered.forEach(step -> memory.drop(step.theta));
        entered.clear();
    }
}
