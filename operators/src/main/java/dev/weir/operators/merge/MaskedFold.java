package dev.weir.operators.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;

/**
 * K8 over one chunk: a mean over the support that all models share. Masks are compared and copied, never averaged. Without
 * masks of their own, the zeros of the models are their masks; 0 and -0 are both zeros, and what is masked comes out as 0.
 * The memory is used again for each chunk; for one thread.
 */
public final class MaskedFold {
    private final Kernel kernel;
    private final CombinationFold mean;
    private double[] mask = new double[0];
    private double[] other = new double[0];

    public MaskedFold(Kernel kernel) {
        this.kernel = kernel;
        this.mean = new CombinationFold(kernel);
    }

    /** Begins a chunk with the reference model and its mask, which may be the model itself. */
    public void begin(MemorySegment theta, Dtype dtype, MemorySegment maskBytes, Dtype maskDtype, int n) {
        if (mask.length < n) {
            mask = new double[n];
            other = new double[n];
        }
        mean.begin(theta, dtype, n);
        kernel.decode64(maskBytes, maskDtype, 0, n, mask);
    }

    /** Adds another model; returns the number of the first element whose mask differs, -1 if none does. */
    public int add(MemorySegment theta, Dtype dtype, MemorySegment maskBytes, Dtype maskDtype, int n, double share) {
        kernel.decode64(maskBytes, maskDtype, 0, n, other);
        for (int i = 0; i < n; i++) {
            if ((other[i] == 0) != (mask[i] == 0)) {
                return i;
            }
        }
        mean.add(theta, dtype, n, share);
        return -1;
    }

    /** Writes the result, rounded to nearest even; zeros where the mask is zero. */
    public void emit(Dtype dtype, int n, MemorySegment out) {
        double[] result = mean.result();
        for (int i = 0; i < n; i++) {
            result[i] = mask[i] == 0 ? 0 : result[i];
        }
        mean.emit(dtype, n, out);
    }
}
