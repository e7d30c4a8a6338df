package dev.weir.cli.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.TensorSpec;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PartialsTest {
    private static final List<TensorSpec> TENSORS = List.of(
            new TensorSpec("a", Dtype.F32, List.of(5L * 245_760 + 1)),
            new TensorSpec("empty", Dtype.F32, List.of(0L)),
            new TensorSpec("z", Dtype.F32, List.of(2L * 245_760)));

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void partialsAreAddedInTheOrderOfTheChunks(int threads) throws InterruptedException {
        assertThat(Partials.sums(TENSORS, threads, "", (one, other) -> one + " " + other, Numbers::new))
                .containsExactly(" 0 1 2 3 4 5", "", " 6 7");
    }

    @Test
    void nothingIsHeldOfChunksThatAreAdded() throws InterruptedException {
        AtomicInteger held = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Partials.sums(
                TENSORS,
                1,
                "",
                (one, other) -> {
                    held.decrementAndGet();
                    return one;
                },
                () -> new Numbers() {
                    @Override
                    public String reduce(TensorSpec tensor, ChunkSpec chunk) {
                        most.accumulateAndGet(held.incrementAndGet(), Math::max);
                        return "";
                    }
                });
        assertThat(most).hasValue(1);
        assertThat(held).hasValue(0);
    }

    private static class Numbers implements Partials.Reducer<String> {
        @Override
        public String reduce(TensorSpec tensor, ChunkSpec chunk) {
            return Integer.toString(chunk.index());
        }

        @Override
        public void close() {}
    }
}
