package dev.weir.operators;

import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.shape.Shape;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Runs an operator over a stream of one-element checkpoints, steps 1, 2, 3 and so on. */
final class Scalars {
    private Scalars() {}

    /** What it would emit after each checkpoint that entered, through f64 tensors. */
    static double[] f64(Operator operator, double... thetas) {
        return run(operator, Dtype.F64, thetas);
    }

    /** As above, through f32 tensors. */
    static double[] f32(Operator operator, double... thetas) {
        return run(operator, Dtype.F32, thetas);
    }

    private static double[] run(Operator operator, Dtype dtype, double... thetas) {
        List<Double> emitted = new ArrayList<>();
        Shape shape = operator.shape();
        Progress progress = Progress.START;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(shape.stateBytes(dtype, 1), 8);
            MemorySegment theta = arena.allocate(8, 8);
            MemorySegment out = arena.allocate(8, 8);
            Kernel kernel = Kernel.create();
            for (int i = 0; i < thetas.length; i++) {
                Step step = operator.step(progress, new Checkpoint(i + 1L, "run", i + 1L));
                progress = step.next();
                if (step.enters()) {
                    set(theta, dtype, thetas[i]);
                    shape.update(kernel, state, theta, dtype, 1, step.coefficients());
                    shape.emit(kernel, state, dtype, 1, step.coefficients(), out);
                    emitted.add(
                            dtype == Dtype.F64
                                    ? out.get(ValueLayout.JAVA_DOUBLE, 0)
                                    : (double) out.get(ValueLayout.JAVA_FLOAT, 0));
                }
            }
        }
        return emitted.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static void set(MemorySegment segment, Dtype dtype, double value) {
        if (dtype == Dtype.F64) {
            segment.set(ValueLayout.JAVA_DOUBLE, 0, value);
        } else {
            segment.set(ValueLayout.JAVA_FLOAT, 0, (float) value);
        }
    }
}
