package dev.weir.schemas.tensor;

import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.TensorLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A model's tensors in byte order of their UTF-8 names, and the chunks into which they are cut. Chunks are numbered
 * through all tensors in that order; a chunk lies in one tensor; a tensor without elements has no chunk. Every chunk of
 * a tensor but the last has the same size. Immutable; equal by content.
 */
public final class Layout {

    /** Elements of a chunk, where nothing else is asked for. */
    public static final int CHUNK_ELEMENTS = 245_760;

    /** Elements of a chunk at least: one of eight bytes must fit. */
    public static final int MIN_CHUNK_ELEMENTS = 2;

    /** Elements of a chunk at most, so that a chunk of them fits into a record of deltas and of merged. */
    public static final int MAX_CHUNK_ELEMENTS = 2 * CHUNK_ELEMENTS;

    /** Tensors of a layout at most. */
    public static final int MAX_TENSORS = 1_000_000;

    /** Bytes at most of what {@link #storedBytes} counts: the coordinator keeps a layout in a record of 4 MiB. */
    public static final long MAX_STORED_BYTES = 7L << 19;

    private final List<TensorSpec> tensors;
    private final int chunkElements;
    /** Number of the first chunk of each tensor, and behind the last the number of chunks. */
    private final int[] firstChunk;

    private final long byteSize;
    private final byte[] hash;

    /** Bytes that the coordinator needs at most to keep this layout: names, and some for each tensor and each of its dimensions. */
    public long storedBytes() {
        return tensors.stream()
                .mapToLong(tensor -> tensor.name().getBytes(StandardCharsets.UTF_8).length
                        + 64L
                        + 12L * tensor.shape().size())
                .sum();
    }

    /** Why nobody can keep this layout; empty: it is small enough. */
    public String refusal() {
        return storedBytes() <= MAX_STORED_BYTES
                ? ""
                : "a layout of " + tensors.size() + " tensors takes " + storedBytes() + " bytes; allowed: "
                        + MAX_STORED_BYTES;
    }

    private Layout(List<TensorSpec> sorted, int chunkElements) {
        this.tensors = sorted;
        this.chunkElements = chunkElements;
        this.firstChunk = new int[sorted.size() + 1];
        long chunks = 0;
        long bytes = 0;
        for (int i = 0; i < sorted.size(); i++) {
            TensorSpec tensor = sorted.get(i);
            int perChunk = elementsPerChunk(tensor.dtype(), chunkElements);
            long elements = tensor.elements();
            chunks += elements / perChunk + (elements % perChunk == 0 ? 0 : 1);
            bytes += tensor.byteSize();
            if (chunks > Integer.MAX_VALUE || bytes < 0) {
                throw new IllegalArgumentException("at tensor " + tensor.name() + " the layout exceeds "
                        + Integer.MAX_VALUE + " chunks of " + chunkElements + " elements");
            }
            firstChunk[i + 1] = (int) chunks;
        }
        this.byteSize = bytes;
        this.hash = LayoutHash.of(sorted, chunkElements);
    }

    /** A layout of those tensors, in chunks of {@link #CHUNK_ELEMENTS}; see {@link #of(Collection, int)}. */
    public static Layout of(Collection<TensorSpec> tensors) {
        return of(tensors, CHUNK_ELEMENTS);
    }

    /**
     * A layout of those tensors.
     *
     * @param tensors in any order
     * @param chunkElements elements of a chunk at most; a chunk also has at most {@code 4 * chunkElements} bytes
     * @throws IllegalArgumentException if a name occurs twice, chunkElements is out of range, or there are too many
     *     tensors or chunks
     */
    public static Layout of(Collection<TensorSpec> tensors, int chunkElements) {
        if (chunkElements < MIN_CHUNK_ELEMENTS || chunkElements > MAX_CHUNK_ELEMENTS) {
            throw new IllegalArgumentException("chunkElements is " + chunkElements + ", allowed are "
                    + MIN_CHUNK_ELEMENTS + " to " + MAX_CHUNK_ELEMENTS);
        }
        if (tensors.size() > MAX_TENSORS) {
            throw new IllegalArgumentException(
                    "the layout has " + tensors.size() + " tensors, at most " + MAX_TENSORS + " are allowed");
        }
        return new Layout(ByteOrdered.sort(tensors), chunkElements);
    }

    /** The tensors, in byte order of their UTF-8 names. */
    public List<TensorSpec> tensors() {
        return tensors;
    }

    /** Elements of a chunk at most. */
    public int chunkElements() {
        return chunkElements;
    }

    /** Number of chunks. */
    public int chunkCount() {
        return firstChunk[tensors.size()];
    }

    /**
     * What a chunk covers.
     *
     * @param index its number, from 0
     * @throws IndexOutOfBoundsException if the layout has no such chunk
     */
    public ChunkSpec chunk(int index) {
        if (index < 0 || index >= chunkCount()) {
            throw new IndexOutOfBoundsException("chunk " + index + " of a layout that has " + chunkCount());
        }
        int tensor = lastAtMost(index);
        TensorSpec spec = tensors.get(tensor);
        int perChunk = elementsPerChunk(spec.dtype(), chunkElements);
        long first = (long) (index - firstChunk[tensor]) * perChunk;
        int elements = (int) Math.min(perChunk, spec.elements() - first);
        int bytes = spec.dtype().bytes();
        return new ChunkSpec(index, tensor, first, elements, first * bytes, elements * bytes);
    }

    /** The tensor in which a chunk of this layout lies. */
    public TensorSpec tensorOf(ChunkSpec chunk) {
        return tensors.get(chunk.tensor());
    }

    /**
     * The chunk of that number, whose bytes these are.
     *
     * @throws IllegalStateException if the layout has no such chunk
     * @throws IllegalArgumentException if the bytes remaining are not as many as the chunk has
     */
    public ChunkSpec checked(int index, ByteBuffer chunkBytes) {
        if (index >= chunkCount()) {
            throw new IllegalStateException("chunk " + index + " comes after the last, the layout has " + chunkCount());
        }
        ChunkSpec chunk = chunk(index);
        if (chunkBytes.remaining() != chunk.byteSize()) {
            throw new IllegalArgumentException(
                    "chunk " + index + " of tensor " + tensorOf(chunk).name() + " at byte "
                            + chunk.tensorByteOffset() + " has " + chunkBytes.remaining() + " bytes, its layout says "
                            + chunk.byteSize());
        }
        return chunk;
    }

    /** Size of all tensors in bytes. */
    public long byteSize() {
        return byteSize;
    }

    /**
     * SHA-256 of the layout, 32 bytes: over chunkElements and the number of tensors, and of each tensor the length of
     * its name in UTF-8, the name, the length of its dtype's label, the label, the number of its dimensions, as
     * big-endian ints, and the dimensions, as big-endian longs.
     */
    public byte[] hash() {
        return hash.clone();
    }

    /** {@link #hash()}, as records carry it. */
    public Sha256 hashRecord() {
        return new Sha256(hash.clone());
    }

    /** The partition in which a chunk travels: its number modulo the number of partitions. */
    public static int partition(int chunk, int partitions) {
        if (chunk < 0 || partitions < 1) {
            throw new IllegalArgumentException("chunk " + chunk + " of " + partitions
                    + " partitions: a chunk is 0 or more, partitions are 1 or more");
        }
        return chunk % partitions;
    }

    /** How many chunks travel in a partition. */
    public int chunksIn(int partition, int partitions) {
        if (partition < 0 || partition >= partitions) {
            throw new IllegalArgumentException(
                    "partition " + partition + " of " + partitions + ": allowed are 0 to " + (partitions - 1));
        }
        int count = chunkCount();
        return partition < count ? (count - 1 - partition) / partitions + 1 : 0;
    }

    /** The layout as records carry it. */
    public TensorLayout toRecord() {
        return LayoutRecords.write(this);
    }

    /**
     * The layout of a record.
     *
     * @throws IllegalArgumentException if the record is none: a tensor is not allowed, is there twice or out of order
     */
    public static Layout fromRecord(TensorLayout layoutRecord) {
        return LayoutRecords.read(layoutRecord);
    }

    /**
     * How this layout differs from that of the model: a sentence that names the first tensor in byte order which is
     * missing, extra or of another shape or dtype; empty if they are equal.
     */
    public Optional<String> difference(Layout other) {
        return LayoutDifference.between(this, other);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Layout that && chunkElements == that.chunkElements && tensors.equals(that.tensors);
    }

    @Override
    public int hashCode() {
        return ByteBuffer.wrap(hash).getInt();
    }

    @Override
    public String toString() {
        return "Layout[" + tensors.size() + " tensors, " + chunkCount() + " chunks, " + byteSize + " bytes]";
    }

    /** Index of the last tensor whose first chunk is at most that one; empty tensors before it are passed over. */
    private int lastAtMost(int chunk) {
        int low = 0;
        int high = tensors.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (firstChunk[middle] <= chunk) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private static int elementsPerChunk(Dtype dtype, int chunkElements) {
        return dtype.bytes() > 4 ? chunkElements * 4 / dtype.bytes() : chunkElements;
    }
}
