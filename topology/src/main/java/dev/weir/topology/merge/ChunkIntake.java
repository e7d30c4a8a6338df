package dev.weir.topology.merge;

import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.delta.BadDeltaException;
import dev.weir.schemas.delta.ChunkDecoder;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Companions;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Looks a chunk of a checkpoint over: it is decoded, and held only when nothing is wrong with it. */
final class ChunkIntake implements AutoCloseable {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int partition;
    private final int partitions;
    private final Kernel kernel;
    private final Function<TensorSpec, TensorPolicy> policies;
    private final ChunkPool pool;
    private final ChunkDecoder decoder = new ChunkDecoder();

    /**
     * @param policies what becomes of a tensor under the plan in force
     * @param pool has the memory of chunks; full ones for which it has no room are left in the log
     */
    ChunkIntake(
            int partition, int partitions, Kernel kernel, Function<TensorSpec, TensorPolicy> policies, ChunkPool pool) {
        this.partition = partition;
        this.partitions = partitions;
        this.kernel = kernel;
        this.policies = policies;
        this.pool = pool;
    }

    /** What became of a chunk. */
    sealed interface Result {
        /** It is sound, and new. */
        record Sound(Held held) implements Result {}

        /** The same chunk with the same bytes is held already. */
        record Known() implements Result {}

        /** Its checkpoint must be rejected: a word, a colon, what exactly. */
        record Refused(String reason) implements Result {}
    }

    /**
     * Takes a chunk in.
     *
     * @param run its run, at the chunk's epoch
     * @param base what it may refer to, with its bytes unless the chunk is full; null: nothing
     * @param layout the run's
     * @param known what is held of this number already
     */
    Result take(Chunk chunk, long offset, KnownRun run, @Nullable Held base, Layout layout, @Nullable Held known) {
        int number = chunk.getChunk();
        if (number >= layout.chunkCount()) {
            return companion(chunk, offset, layout, known);
        }
        if (number < 0 || Layout.partition(number, partitions) != partition) {
            return misplaced(number, layout);
        }
        ChunkSpec spec = layout.chunk(number);
        TensorSpec tensor = layout.tensorOf(spec);
        String name = "tensor " + tensor.name() + " chunk " + number;
        ByteBuffer bytes;
        try {
            if (Encoding.of(chunk.getEncoding()) != Encoding.FULL
                    && (base == null || chunk.getBaseStep() != run.baseStep())) {
                return new Result.Refused("base: " + name + " refers to step " + chunk.getBaseStep() + ", " + base(run)
                        + "; send the checkpoint in full");
            }
            bytes = decode(chunk, tensor.dtype(), base == null ? null : base.bytes(), spec.byteSize());
        } catch (BadDeltaException bad) {
            return new Result.Refused("encoding: " + name + ": " + bad.getMessage());
        }
        if (bytes.remaining() != spec.byteSize()) {
            return new Result.Refused(
                    "size: " + name + " has " + bytes.remaining() + " bytes, the layout says " + spec.byteSize());
        }
        // What did not change was looked at when the base came.
        Held same = Encoding.UNCHANGED.number() == chunk.getEncoding() ? base : null;
        int crc = same == null ? Crc.crc32c(bytes) : same.crc();
        if (crc != chunk.getCrc32c()) {
            return new Result.Refused("digest: " + name + " has CRC-32C " + Integer.toHexString(crc)
                    + ", its record says " + Integer.toHexString(chunk.getCrc32c()));
        }
        if (known != null) {
            return known.crc() == crc && known.bytes().mismatch(MemorySegment.ofBuffer(bytes)) < 0
                    ? new Result.Known()
                    : new Result.Refused("conflict: " + name + " came twice with other bytes");
        }
        boolean averaged = policies.apply(tensor) == TensorPolicy.AVERAGE;
        boolean finite = averaged || (same != null && same.finite());
        if (averaged && (same == null || !same.finite())) {
            int at = kernel.firstNonFinite(MemorySegment.ofBuffer(bytes), tensor.dtype(), spec.elements());
            if (at >= 0) {
                return new Result.Refused("non-finite: tensor " + tensor.name() + " element "
                        + (spec.firstElement() + at) + " is NaN or infinite");
            }
        }
        if (same != null) {
            return new Result.Sound(new Held(crc, same.bytes(), offset, same.anchor(), true, false, finite));
        }
        long anchor = base == null || chunk.getEncoding() == Encoding.FULL.number() ? offset : base.anchor();
        if (anchor == offset && !pool.hasRoom(spec.byteSize())) {
            return new Result.Sound(Held.spilled(crc, offset, finite));
        }
        MemorySegment copy = pool.copy(MemorySegment.ofBuffer(bytes));
        return new Result.Sound(new Held(crc, copy, offset, anchor, false, false, finite));
    }

    /** Takes a chunk of a companion in. */
    private Result companion(Chunk chunk, long offset, Layout layout, @Nullable Held known) {
        int number = chunk.getChunk();
        int ofWeights = layout.chunkCount() == 0 ? -1 : number % layout.chunkCount();
        if (ofWeights < 0
                || number / layout.chunkCount() > Companions.MAX
                || Layout.partition(ofWeights, partitions) != partition) {
            return misplaced(number, layout);
        }
        ChunkSpec spec = layout.chunk(ofWeights);
        TensorSpec tensor = layout.tensorOf(spec);
        String name =
                "companion " + number / layout.chunkCount() + " of tensor " + tensor.name() + " chunk " + ofWeights;
        ByteBuffer bytes = chunk.getPayload();
        if (!Companions.have(layout, spec) || chunk.getEncoding() != Encoding.FULL.number()) {
            return new Result.Refused(
                    "companion: " + name + " of dtype " + tensor.dtype().label() + " has encoding "
                            + chunk.getEncoding() + "; allowed: companions of float tensors, in full");
        }
        if (bytes.remaining() != Companions.byteSize(spec)) {
            return new Result.Refused("size: " + name + " has " + bytes.remaining() + " bytes, an f32 for each element"
                    + " takes " + Companions.byteSize(spec));
        }
        int crc = Crc.crc32c(bytes);
        if (crc != chunk.getCrc32c()) {
            return new Result.Refused("digest: " + name + " has CRC-32C " + Integer.toHexString(crc)
                    + ", its record says " + Integer.toHexString(chunk.getCrc32c()));
        }
        MemorySegment numbers = MemorySegment.ofBuffer(bytes);
        if (known != null) {
            return known.crc() == crc && known.bytes().mismatch(numbers) < 0
                    ? new Result.Known()
                    : new Result.Refused("conflict: " + name + " came twice with other bytes");
        }
        for (int i = 0; i < spec.elements(); i++) {
            float value = numbers.get(FLOAT, (long) Float.BYTES * i);
            if (!(value >= 0 && value <= Float.MAX_VALUE)) {
                return new Result.Refused("companion: " + name + " element " + (spec.firstElement() + i) + " is "
                        + value + "; allowed: " + Companions.ALLOWED);
            }
        }
        if (!pool.hasRoom(bytes.remaining())) {
            return new Result.Sound(Held.spilled(crc, offset, true));
        }
        return new Result.Sound(new Held(crc, pool.copy(numbers), offset, offset, false, false, true));
    }

    private Result misplaced(int number, Layout layout) {
        return new Result.Refused("chunk: number " + number + " does not belong to partition " + partition + " of "
                + partitions + "; the layout has " + layout.chunkCount() + " chunks");
    }

    /**
     * The plain bytes; valid until the next call.
     *
     * @throws BadDeltaException when the payload is no valid encoding of such a chunk
     */
    ByteBuffer decode(Chunk chunk, Dtype dtype, @Nullable MemorySegment base, int byteSize) {
        Encoding encoding = Encoding.of(chunk.getEncoding());
        if (encoding == Encoding.FULL) {
            return chunk.getPayload();
        }
        ByteBuffer old = base == null ? null : base.asByteBuffer();
        boolean isBase = encoding == Encoding.UNCHANGED && !chunk.getPayload().hasRemaining();
        if (isBase && old != null && old.remaining() == byteSize) {
            return old;
        }
        return decoder.decode(encoding, dtype, old, chunk.getPayload(), byteSize);
    }

    @Override
    public void close() {
        decoder.close();
    }

    private static String base(KnownRun run) {
        if (!run.deltas()) {
            return "and epoch " + run.epoch() + " was opened for full chunks only";
        }
        return run.baseStep() < 0
                ? "and no checkpoint of epoch " + run.epoch() + " was accepted in the last "
                        + PartitionFold.BASE_DECISIONS + " decisions"
                : "and the newest one accepted before is step " + run.baseStep();
    }
}
