package dev.weir.cli.merge;

import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operator;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Folds files chunk after chunk and reduces the next one against the state, holding one chunk of each. For one thread. */
final class SumsWorker implements Partials.Reducer<double[]> {
    private final Kernel kernel = Kernel.create();
    private final Arena arena = Arena.ofConfined();
    private final Operator operator;
    private final List<TensorPolicy.Rule> rules;
    private final @Nullable StateFile from;
    private final List<Input> again;
    private final @Nullable StateFile into;
    private final SafetensorsFile next;
    private MemorySegment stateMemory = MemorySegment.NULL;
    private MemorySegment chunkMemory = MemorySegment.NULL;

    /**
     * @param from states that the fold goes on from; null: it begins
     * @param again files that entered since then
     * @param into where the states with these are put by; null: nowhere
     * @param next the file that is reduced
     */
    SumsWorker(
            Operator operator,
            List<TensorPolicy.Rule> rules,
            @Nullable StateFile from,
            List<Input> again,
            @Nullable StateFile into,
            SafetensorsFile next) {
        this.operator = operator;
        this.rules = rules;
        this.from = from;
        this.again = again;
        this.into = into;
        this.next = next;
    }

    @Override
    public double[] reduce(TensorSpec tensor, ChunkSpec chunk) {
        TensorPolicy policy = TensorPolicy.of(tensor, rules);
        if (policy != TensorPolicy.AVERAGE) {
            return new double[operator.shape().reductions()];
        }
        ChunkFold fold = new ChunkFold(kernel, operator, policy, tensor, chunk);
        stateMemory = grown(stateMemory, fold.stateBytes());
        chunkMemory = grown(chunkMemory, chunk.byteSize());
        MemorySegment state = stateMemory.asSlice(0, fold.stateBytes());
        MemorySegment theta = chunkMemory.asSlice(0, chunk.byteSize());
        if (from == null) {
            state.fill((byte) 0);
        } else {
            from.read(chunk.index(), state);
            fold.resume(state);
        }
        SegmentAllocator memory = SegmentAllocator.prefixAllocator(state);
        for (Input input : again) {
            input.file().readInto(tensor, chunk.tensorByteOffset(), theta.asByteBuffer());
            fold.update(memory, theta, input.coefficients());
        }
        if (into != null) {
            into.write(chunk.index(), state);
        }
        next.readInto(tensor, chunk.tensorByteOffset(), theta.asByteBuffer());
        return fold.reduce(theta);
    }

    private MemorySegment grown(MemorySegment memory, long byteSize) {
        return memory.byteSize() < byteSize ? arena.allocate(byteSize, 64) : memory;
    }

    @Override
    public void close() {
        arena.close();
    }
}
