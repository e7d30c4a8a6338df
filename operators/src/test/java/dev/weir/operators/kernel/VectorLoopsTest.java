package dev.weir.operators.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.time.Duration;
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

    @Test
    void theWarmUpEndsWithFastLoops() throws InterruptedException {
        VectorUnit.ready(false);
        Thread warmUp = Thread.ofPlatform().start(Kernel::warmUp);
        assertThat(warmUp.join(Duration.ofSeconds(90))).isTrue();
        assertThat(VectorUnit.ready(0)).isTrue();
    }
}
