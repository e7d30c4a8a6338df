package dev.weir.cli.merge;

import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operator;
import dev.weir.operators.Sums;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sums over tensors that an operator asks for before a file enters. They need the state after the files that entered before:
 * after every few of these it is put by in a {@link StateFile}, from which the fold goes on, so that each file is read a fixed
 * number of times, however many there are. Where few entered there is no such file.
 */
final class SumsBefore implements AutoCloseable {
    /**
     * Files that are folded again rather than put by. A state has 2 to 9 times the bytes of a file: after each file it would
     * cost more to write it than to read a few files.
     */
    static final int FOLDED_AGAIN = 4;

    private final Operator operator;
    private final List<TensorPolicy.Rule> rules;
    private final List<TensorSpec> kept;
    private final int threads;
    private final Path output;
    private @Nullable StateFile states;
    /** How many of the files that entered the states contain. */
    private int contained;

    /**
     * @param kept the tensors of the result, by whose order coefficients are
     * @param output the states are put by beside it
     */
    SumsBefore(Operator operator, List<TensorPolicy.Rule> rules, List<TensorSpec> kept, int threads, Path output) {
        this.operator = operator;
        this.rules = rules;
        this.kept = kept;
        this.threads = threads;
        this.output = output;
    }

    /**
     * The sums.
     *
     * @param entered all files that entered, with their coefficients, one at least
     * @param next the file that is to enter
     * @param last whether no other follows
     */
    Sums of(List<Input> entered, SafetensorsFile next, boolean last) throws InterruptedException {
        List<Input> again = operator.shape().reducesAgainstFirst()
                ? entered.subList(0, 1)
                : entered.subList(contained, entered.size());
        boolean from = contained > 0;
        boolean putBy = again.size() == FOLDED_AGAIN && !last;
        StateFile file = putBy && states == null ? new StateFile(output, starts()) : states;
        states = file;
        List<double[]> byTensor = Partials.sums(
                kept,
                threads,
                new double[operator.shape().reductions()],
                Partials::plus,
                () -> new SumsWorker(operator, rules, from ? file : null, again, putBy ? file : null, next));
        contained += putBy ? again.size() : 0;
        return new Sums(byTensor).of(kept, rules);
    }

    private long[] starts() {
        Layout layout = Layout.of(kept);
        long[] starts = new long[layout.chunkCount() + 1];
        Kernel kernel = Kernel.create();
        for (int number = 0; number < layout.chunkCount(); number++) {
            ChunkSpec chunk = layout.chunk(number);
            TensorSpec tensor = layout.tensorOf(chunk);
            TensorPolicy policy = TensorPolicy.of(tensor, rules);
            long bytes = policy == TensorPolicy.AVERAGE
                    ? new ChunkFold(kernel, operator, policy, tensor, chunk).stateBytes()
                    : 0;
            starts[number + 1] = starts[number] + bytes;
        }
        return starts;
    }

    @Override
    public void close() {
        if (states != null) {
            states.close();
        }
    }
}
