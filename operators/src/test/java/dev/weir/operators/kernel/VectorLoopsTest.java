package dev.weir.operators.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With vectors, as in an application that has been up for a second. */
final class VectorLoopsTest extends KernelContract {

    @BeforeEach
    void with() {
        assumeThat(VectorUnit.isThere())
                .as("the JVM was started with the module")
                .isTrue();
        VectorUnit.ready(true);
    }

    @AfterEach
    void asAtFirst() {
        VectorUnit.ready(false);
    }

    /** What {@code weir run} relies on: nobody else asks for it. */
    @Test
    void aProcessThatFoldsMuchGoesOverToVectorsByItself() throws InterruptedException {
        VectorUnit.ready(false);
        Kernel kernel = Kernel.create();
        int elements = 1 << 16;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment mean = arena.allocate(4L * elements);
            MemorySegment theta = arena.allocate(4L * elements);
            for (int folds = 0; folds < 8192; folds++) {
                kernel.lerp32(mean, theta, Dtype.F32, elements, 0.1f);
            }
            assertThat(VectorUnit.ready(0)).as("not yet worth it").isFalse();
            kernel.lerp32(mean, theta, Dtype.F32, elements, 0.1f);
        }
        for (int looks = 0; looks < 900 && !VectorUnit.ready(0); looks++) {
            Thread.sleep(100);
        }
        assertThat(VectorUnit.ready(0)).as("after a minute and a half").isTrue();
    }
}
