package dev.weir.cli.demo;

import dev.weir.operators.Checkpoint;
import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operator;
import dev.weir.operators.Operators;
import dev.weir.operators.Progress;
import dev.weir.operators.Step;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.ChunkSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** One channel in memory: the product's own operators over the demo's chunks. */
final class InMemoryChannel {

    private final Operator operator;
    private final List<ChunkFold> folds;
    private Progress progress = Progress.START;
    private List<Double> newest = List.of();

    InMemoryChannel(String operator, Map<String, ?> settings) {
        this.operator = Operators.create(operator, settings);
        this.folds = IntStream.range(0, Mlp.LAYOUT.chunkCount())
                .mapToObj(Mlp.LAYOUT::chunk)
                .map(chunk -> new ChunkFold(
                        Kernel.create(), this.operator, TensorPolicy.AVERAGE, Mlp.LAYOUT.tensorOf(chunk), chunk))
                .toList();
    }

    /** (1 - newWeight) old + newWeight young, by the lerp kernel. */
    static Mlp between(Mlp old, Mlp young, double newWeight) {
        InMemoryChannel channel = new InMemoryChannel("ema", Map.of());
        channel.fold(old, List.of(1.0));
        channel.fold(young, List.of(newWeight));
        return channel.merged();
    }

    void add(String run, Trainer.Checkpoint checkpoint) {
        Step step = operator.step(progress, new Checkpoint(progress.seen() + 1, run, checkpoint.step()));
        progress = step.next();
        if (step.enters()) {
            fold(checkpoint.weights(), step.coefficients());
        }
    }

    Mlp merged() {
        return Mlp.read(this::emit);
    }

    private void fold(Mlp weights, List<Double> coefficients) {
        for (int i = 0; i < folds.size(); i++) {
            ByteBuffer theta = weights.source().read(Mlp.LAYOUT.chunk(i));
            folds.get(i).update(Arena.ofAuto(), MemorySegment.ofBuffer(theta), coefficients);
        }
        newest = coefficients;
    }

    private ByteBuffer emit(ChunkSpec chunk) {
        ByteBuffer out = ByteBuffer.allocate(chunk.byteSize());
        folds.get(chunk.index()).emit(newest, MemorySegment.ofBuffer(out));
        return out;
    }
}
