package dev.weir.cli.merge;

import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operator;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.shape.Companion;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/** Merges one chunk after another, piece by piece in the same memory: one state and two buffers. For one thread. */
final class ChunkMerge implements ChunkQueue.Worker {
    private static final int CACHE_LINE_BYTES = 64;

    private final Kernel kernel = Kernel.create();
    private final Operator operator;
    private final List<TensorPolicy.Rule> rules;
    private final List<Input> inputs;
    private final List<SafetensorsFile> files;
    private final SideFiles sides;
    private final Pieces pieces;
    private final SafetensorsWriter writer;
    private final WriteBehind behind;

    private final Arena arena = Arena.ofConfined();
    /** A piece of an input, and the merged piece after the last input. */
    private MemorySegment newest;
    /** The next piece, where the newest one still waits. */
    private MemorySegment next;

    private final Repeats repeats;
    private MemorySegment stateMemory = MemorySegment.NULL;
    /** A piece of a companion. */
    private MemorySegment numbers = MemorySegment.NULL;

    ChunkMerge(
            Operator operator,
            List<TensorPolicy.Rule> rules,
            List<Input> inputs,
            SideFiles sides,
            Pieces pieces,
            SafetensorsWriter writer,
            WriteBehind behind) {
        this.operator = operator;
        this.rules = rules;
        this.inputs = inputs;
        this.files = inputs.stream().map(Input::file).toList();
        this.sides = sides;
        this.pieces = pieces;
        this.writer = writer;
        this.behind = behind;
        long pieceBytes = (long) Float.BYTES * pieces.pieces().chunkElements();
        this.newest = arena.allocate(pieceBytes, CACHE_LINE_BYTES);
        this.next = arena.allocate(pieceBytes, CACHE_LINE_BYTES);
        this.repeats = new Repeats(inputs, newest, next);
    }

    @Override
    public void take(int number) {
        TensorSpec tensor = pieces.chunks().tensorOf(pieces.chunks().chunk(number));
        TensorPolicy policy = TensorPolicy.of(tensor, rules);
        List<ChunkSpec> mine = pieces.of(number);
        boolean[] waits = new boolean[inputs.size()];
        if (new ChunkFold(kernel, operator, policy, tensor, mine.getFirst()).mayWait()) {
            waits = repeats.of(tensor, mine);
        }
        for (ChunkSpec piece : mine) {
            MemorySegment merged = merged(tensor, new ChunkFold(kernel, operator, policy, tensor, piece), piece, waits);
            if (policy == TensorPolicy.AVERAGE) {
                NonFinite.refuse(kernel, merged, tensor, piece, files);
            }
            writer.write(piece.index(), merged.asByteBuffer());
            behind.wrote(piece.byteSize());
        }
    }

    /** The merged piece; valid until the next one's. */
    private MemorySegment merged(TensorSpec tensor, ChunkFold fold, ChunkSpec piece, boolean[] waits) {
        SegmentAllocator state = SegmentAllocator.prefixAllocator(zeros(fold.stateBytes()));
        for (int i = 0; i < waits.length; i++) {
            Input input = inputs.get(i);
            if (waits[i]) {
                fold.repeat(newest.asSlice(0, piece.byteSize()), input.coefficients());
                continue;
            }
            takeTurns(fold);
            MemorySegment theta = newest.asSlice(0, piece.byteSize());
            input.file().readInto(tensor, piece.tensorByteOffset(), theta.asByteBuffer());
            update(fold, state, theta, input, tensor, piece);
        }
        takeTurns(fold);
        MemorySegment merged = newest.asSlice(0, piece.byteSize());
        fold.emit(inputs.getLast().coefficients(), merged);
        return merged;
    }

    private void update(
            ChunkFold fold,
            SegmentAllocator state,
            MemorySegment theta,
            Input input,
            TensorSpec tensor,
            ChunkSpec piece) {
        if (operator.companion().isEmpty() || !sides.all(tensor)) {
            fold.update(state, theta, input.coefficients());
            return;
        }
        TensorSpec second = sides.tensor(input.number(), tensor);
        int width = second.dtype().bytes();
        if (numbers.byteSize() == 0) {
            numbers = arena.allocate((long) Double.BYTES * pieces.pieces().chunkElements(), CACHE_LINE_BYTES);
        }
        MemorySegment read = numbers.asSlice(0, (long) width * piece.elements());
        sides.file(input.number()).readInto(second, piece.firstElement() * width, read.asByteBuffer());
        try {
            fold.update(state, theta, new Companion(read, second.dtype()), input.coefficients());
        } catch (IllegalArgumentException refused) {
            throw sides.refused(input.number(), tensor, refused);
        }
    }

    /** Leaves the newest piece as it is while it waits. */
    private void takeTurns(ChunkFold fold) {
        if (fold.waitingShare() > 0) {
            MemorySegment waiting = newest;
            newest = next;
            next = waiting;
        }
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
