package dev.weir.cli.merge;

import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operator;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;
import java.util.List;

/** Merges one chunk after another in the same memory: one state and one buffer. For one thread. */
final class ChunkMerge implements ChunkQueue.Worker {
    private static final int CACHE_LINE_BYTES = 64;

    private final Kernel kernel = Kernel.create();
    private final Operator operator;
    private final List<TensorPolicy.Rule> rules;
    private final List<Input> inputs;
    private final Layout layout;
    private final SafetensorsWriter writer;
    private final WriteBehind behind;

    private final Arena arena = Arena.ofConfined();
    /** A chunk of an input, and the merged chunk after the last input. */
    private final MemorySegment chunkMemory;

    private MemorySegment stateMemory = MemorySegment.NULL;

    ChunkMerge(
            Operator operator,
            List<TensorPolicy.Rule> rules,
            List<Input> inputs,
            Layout layout,
            SafetensorsWriter writer,
            WriteBehind behind) {
        this.operator = operator;
        this.rules = rules;
        this.inputs = inputs;
        this.layout = layout;
        this.writer = writer;
        this.behind = behind;
        this.chunkMemory = arena.allocate((long) Float.BYTES * layout.chunkElements(), CACHE_LINE_BYTES);
    }

    @Override
    public void take(int number) {
        ChunkSpec chunk = layout.chunk(number);
        TensorSpec tensor = layout.tensorOf(chunk);
        ChunkFold fold = new ChunkFold(kernel, operator, TensorPolicy.of(tensor, rules), tensor, chunk);
        SegmentAllocator state = SegmentAllocator.prefixAllocator(zeros(fold.stateBytes()));
        MemorySegment bytes = chunkMemory.asSlice(0, chunk.byteSize());
        ByteBuffer buffer = bytes.asByteBuffer();
        for (Input input : inputs) {
            input.file().readInto(tensor, chunk.tensorByteOffset(), buffer.clear());
            fold.update(state, bytes, input.coefficients());
        }
        fold.emit(inputs.getLast().coefficients(), bytes);
        writer.write(number, buffer.clear());
        behind.wrote(chunk.byteSize());
    }

    private MemorySegment zeros(long byteCount) {
        if (stateMemory.byteSize() < byteCount) {
            stateMemory = arena.allocate(byteCount, CACHE_LINE_BYTES);
        }
        return stateMemory.asSlice(0, byteCount).fill((byte) 0);
    }

    @Override
    public void close() {
        arena.close();
    }
}
