package dev.weir.cli.merge;

import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operator;
import dev.weir.operators.Sums;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/**
 * Reduces a file to the sums over tensors that an operator asks for before it enters: chunk after chunk, the files that entered
 * before are folded again, so that no state but a chunk's is held. For one thread.
 */
final class SumsWorker implements Partials.Reducer<double[]> {
    private final Kernel kernel = Kernel.create();
    private final Arena arena = Arena.ofConfined();
    private final Operator operator;
    private final List<TensorPolicy.Rule> rules;
    private final List<Input> before;
    private final SafetensorsFile next;
    private MemorySegment state = MemorySegment.NULL;
    private MemorySegment bytes = MemorySegment.NULL;

    private SumsWorker(Operator operator, List<TensorPolicy.Rule> rules, List<Input> before, SafetensorsFile next) {
        this.operator = operator;
        this.rules = rules;
        this.before = before;
        this.next = next;
    }

    /**
     * The sums.
     *
     * @param kept the tensors of the result, by whose order coefficients are
     * @param before files that entered, with their coefficients
     * @param next the file that is to enter
     */
    static Sums sums(
            Operator operator,
            List<TensorPolicy.Rule> rules,
            List<TensorSpec> kept,
            List<Input> before,
            SafetensorsFile next,
            int threads)
            throws InterruptedException {
        double[] zero = new double[operator.shape().reductions()];
        List<Input> folded = operator.shape().reducesAgainstFirst() ? before.subList(0, 1) : before;
        List<double[]> byTensor = Partials.sums(
                kept, threads, zero, SumsWorker::plus, () -> new SumsWorker(operator, rules, folded, next));
        return new Sums(byTensor).of(kept, rules);
    }

    @Override
    public double[] reduce(TensorSpec tensor, ChunkSpec chunk) {
        TensorPolicy policy = TensorPolicy.of(tensor, rules);
        if (policy != TensorPolicy.AVERAGE) {
            return new double[operator.shape().reductions()];
        }
        ChunkFold fold = new ChunkFold(kernel, operator, policy, tensor, chunk);
        state = grown(state, fold.stateBytes());
        bytes = grown(bytes, chunk.byteSize());
        MemorySegment theta = bytes.asSlice(0, chunk.byteSize());
        SegmentAllocator memory = SegmentAllocator.prefixAllocator(
                state.asSlice(0, fold.stateBytes()).fill((byte) 0));
        for (Input input : before) {
            input.file().readInto(tensor, chunk.tensorByteOffset(), theta.asByteBuffer());
            fold.update(memory, theta, input.coefficients());
        }
        next.readInto(tensor, chunk.tensorByteOffset(), theta.asByteBuffer());
        return fold.reduce(theta);
    }

    private MemorySegment grown(MemorySegment memory, long byteSize) {
        return memory.byteSize() < byteSize ? arena.allocate(byteSize, 64) : memory;
    }

    private static double[] plus(double[] one, double[] other) {
        double[] sum = one.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other[i];
        }
        return sum;
    }

    @Override
    public void close() {
        arena.close();
    }
}
