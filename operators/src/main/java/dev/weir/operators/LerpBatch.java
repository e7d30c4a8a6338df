package dev.weir.operators;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Lerps of several channels by one and the same chunk, gathered so that they share one reading of it; the bits are those of
 * one lerp after the other. Until {@link #run}, the states that were given are not up to date. Not thread-safe.
 */
public final class LerpBatch {
    private final Kernel kernel;
    private final List<MemorySegment> means = new ArrayList<>();
    private final List<Float> shares = new ArrayList<>();
    private MemorySegment theta = MemorySegment.NULL;
    private Dtype dtype = Dtype.F32;
    private int elements;

    public LerpBatch(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * Takes a lerp; those by another chunk are done first.
     *
     * @param mean f32, as many as elements
     * @param chunk elements of the dtype, which is not F64
     * @param share the coefficient, in [0, 1]
     */
    void add(MemorySegment mean, MemorySegment chunk, Dtype ofChunk, int count, double share) {
        if (!chunk.equals(theta) || ofChunk != dtype || count != elements) {
            run();
            theta = chunk;
            dtype = ofChunk;
            elements = count;
        }
        means.add(mean);
        shares.add((float) share);
    }

    /** Does what was gathered. */
    public void run() {
        if (means.isEmpty()) {
            return;
        }
        float[] a = new float[shares.size()];
        for (int i = 0; i < a.length; i++) {
            a[i] = shares.get(i);
        }
        kernel.lerps32(means.toArray(MemorySegment[]::new), theta, dtype, elements, a);
        means.clear();
        shares.clear();
        theta = MemorySegment.NULL;
    }
}
