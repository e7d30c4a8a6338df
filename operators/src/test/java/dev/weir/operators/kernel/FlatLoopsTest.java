package dev.weir.operators.kernel;

import org.junit.jupiter.api.BeforeEach;

/** Without vectors, as where the JVM lacks their module. */
final class FlatLoopsTest extends KernelContract {
    @BeforeEach
    void without() {
        VectorUnit.ready(false);
    }
}
