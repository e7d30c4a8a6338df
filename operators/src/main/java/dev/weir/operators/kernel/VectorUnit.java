package dev.weir.operators.kernel;

import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether the loops of {@link VectorLerps} may be used: where the JVM was started with the module that they need, and once its second
 * compiler has compiled them, before which they are a thousand times slower than flat loops. When enough was folded for that to be worth
 * its second, a thread of its own calls them until they are fast. Both kinds of loop give the same bits, so that nothing but time depends
 * on when that is.
 */
final class VectorUnit {
    private static final boolean THERE =
            ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    /** Elements behind which a process is taken for one that folds much, beyond what most restarts fold: two gigabytes in f32. */
    private static final long MUCH = 1L << 29;

    private static final int ELEMENTS = 256;
    private static final int CALLS = 500;
    /** Some ten times what a call takes that is compiled, and a hundredth of what it takes before. */
    private static final long FAST_NANOS = 2_000L * CALLS;

    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private static final AtomicLong FOLDED = new AtomicLong();
    private static final AtomicBoolean BEGUN = new AtomicBoolean();
    private static volatile boolean ready;

    private VectorUnit() {}

    static boolean isThere() {
        return THERE;
    }

    /** Whether vectors may be used for so many elements. */
    static boolean ready(int elements) {
        if (THERE && !ready && FOLDED.addAndGet(elements) > MUCH && BEGUN.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("weir-kernel-warm-up").start(VectorUnit::warmUp);
        }
        return ready;
    }

    /** For tests of one kind of loop or the other, in a process as new. */
    static void ready(boolean now) {
        ready = now;
        FOLDED.set(0);
        BEGUN.set(false);
    }

    /** Returns when the loops are fast, or after a minute. */
    static void warmUp() {
        // Off the heap and shared, as what kernels are given.
        try (Arena arena = Arena.ofShared()) {
            MemorySegment[] means = new MemorySegment[4];
            for (int k = 0; k < means.length; k++) {
                means[k] = arena.allocate(4L * ELEMENTS, 64);
            }
            MemorySegment theta = arena.allocate(4L * ELEMENTS, 64);
            MemorySegment other = arena.allocate(4L * ELEMENTS, 64);
            float[] a = {0.5f, 0.25f, 0.125f, 0.0625f};
            List<Runnable> loops = List.of(
                    () -> VectorLerps.one(means[0], theta, Dtype.F32, ELEMENTS, a[0]),
                    () -> VectorLerps.one(means[0], theta, Dtype.BF16, ELEMENTS, a[0]),
                    () -> VectorLerps.four(means, 0, theta, Dtype.F32, ELEMENTS, a),
                    () -> VectorLerps.four(means, 0, theta, Dtype.BF16, ELEMENTS, a),
                    () -> VectorLerps.twice(means[0], theta, other, Dtype.F32, ELEMENTS, a[0], a[1]),
                    () -> VectorLerps.twice(means[0], theta, other, Dtype.BF16, ELEMENTS, a[0], a[1]),
                    () -> VectorLerps.fourTwice(means, 0, theta, other, Dtype.F32, ELEMENTS, a, a),
                    () -> VectorLerps.fourTwice(means, 0, theta, other, Dtype.BF16, ELEMENTS, a, a));
            long beganNanos = System.nanoTime();
            boolean fast = false;
            while (!fast && System.nanoTime() - beganNanos < PATIENCE_NANOS) {
                fast = true;
                for (Runnable loop : loops) {
                    fast &= nanos(loop) < FAST_NANOS;
                }
            }
            ready |= fast;
        }
    }

    private static long nanos(Runnable loop) {
        long beganNanos = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            loop.run();
        }
        return System.nanoTime() - beganNanos;
    }
}
