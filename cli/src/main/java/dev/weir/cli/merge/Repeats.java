package dev.weir.cli.merge;

import dev.weir.operators.ChunkFold;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Which inputs bring a chunk that may wait, by the rule of {@link ChunkFold}. An input whose chunk begins with other bytes than
 * the one before costs a short read; only one that begins alike is read whole. For one thread.
 */
final class Repeats {
    private static final int PROBE_BYTES = 4096;

    private final List<Input> inputs;
    private MemorySegment before;
    private MemorySegment after;

    /** @param before and {@code after}: memory for a piece each, free while {@link #of} runs */
    Repeats(List<Input> inputs, MemorySegment before, MemorySegment after) {
        this.inputs = inputs;
        this.before = before;
        this.after = after;
    }

    /**
     * Of each input, whether its update waits.
     *
     * @param pieces of the chunk, in order
     */
    boolean[] of(TensorSpec tensor, List<ChunkSpec> pieces) {
        boolean[] same = new boolean[inputs.size()];
        for (int i = 1; i < same.length; i++) {
            same[i] = true;
        }
        ChunkSpec start = pieces.getFirst();
        compare(same, tensor, start.tensorByteOffset(), Math.min(PROBE_BYTES, start.byteSize()));
        for (ChunkSpec piece : pieces) {
            compare(same, tensor, piece.tensorByteOffset(), piece.byteSize());
        }
        boolean[] waits = new boolean[same.length];
        for (int i = 1; i < same.length; i++) {
            waits[i] = same[i] && comparable(i - 1, same, tensor, pieces);
        }
        return waits;
    }

    /** Whether an input's chunk can be compared with the next one: it was copied, or has the checksum of the one before. */
    private boolean comparable(int input, boolean[] same, TensorSpec tensor, List<ChunkSpec> pieces) {
        return inputs.get(input).coefficients().get(0) == 1
                || same[input]
                || (input > 0 && crc(input, tensor, pieces) == crc(input - 1, tensor, pieces));
    }

    /** Lets those be the same whose bytes in this range are those of the input before, and who were so far. */
    private void compare(boolean[] same, TensorSpec tensor, long firstByte, int bytes) {
        int inBefore = -1;
        for (int i = 1; i < same.length; i++) {
            if (!same[i]) {
                continue;
            }
            if (inBefore != i - 1) {
                read(i - 1, tensor, firstByte, bytes, before);
            }
            read(i, tensor, firstByte, bytes, after);
            same[i] = MemorySegment.mismatch(before, 0, bytes, after, 0, bytes) < 0;
            MemorySegment newest = after;
            after = before;
            before = newest;
            inBefore = i;
        }
    }

    private long crc(int input, TensorSpec tensor, List<ChunkSpec> pieces) {
        CRC32C crc = new CRC32C();
        for (ChunkSpec piece : pieces) {
            read(input, tensor, piece.tensorByteOffset(), piece.byteSize(), before);
            crc.update(before.asSlice(0, piece.byteSize()).asByteBuffer());
        }
        return crc.getValue();
    }

    private void read(int input, TensorSpec tensor, long firstByte, int bytes, MemorySegment into) {
        inputs.get(input)
                .file()
                .readInto(tensor, firstByte, into.asSlice(0, bytes).asByteBuffer());
    }
}
