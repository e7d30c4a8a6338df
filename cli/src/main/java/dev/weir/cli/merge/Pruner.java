package dev.weir.cli.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.merge.Pruning;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Collectors;

/**
 * Sets the smallest magnitudes of a model to zero. The threshold is found exactly, sixteen bits of the magnitude at a time,
 * from counts; among magnitudes that equal it, those of earlier chunks and elements stay. Reads the file six times and
 * holds a chunk of each thread.
 */
final class Pruner {
    private static final int DIGITS = 4;
    private static final int BITS = 16;

    private final Pruning pruning;
    private final Set<String> pruned;
    private final int threads;

    Pruner(Pruning pruning, List<TensorSpec> averaged, int threads) {
        this.pruning = pruning;
        this.pruned =
                averaged.stream().map(TensorSpec::name).filter(pruning::covers).collect(Collectors.toUnmodifiableSet());
        this.threads = threads;
    }

    void prune(Path dense, Layout layout, Path output) throws InterruptedException {
        try (SafetensorsFile file = SafetensorsFile.open(dense)) {
            long elements = layout.tensors().stream()
                    .filter(tensor -> pruned.contains(tensor.name()))
                    .mapToLong(TensorSpec::elements)
                    .sum();
            long kept = pruning.kept(elements);
            long threshold = 0;
            long wanted = kept;
            for (int digit = DIGITS - 1; digit >= 0 && kept > 0; digit--) {
                AtomicLongArray counts = counts(file, layout, threshold, digit);
                int bin = counts.length() - 1;
                while (counts.get(bin) < wanted) {
                    wanted -= counts.get(bin);
                    bin--;
                }
                threshold |= (long) bin << (BITS * digit);
            }
            // Of the magnitudes that equal the threshold, the first ones stay, so many as are still wanted.
            List<Long> ties = kept == 0 ? List.of() : tiesBefore(file, layout, threshold);
            write(file, layout, output, kept == 0 ? Long.MAX_VALUE : threshold, ties, wanted);
        }
    }

    /** How many magnitudes that agree with the threshold above a digit have which digit. */
    private AtomicLongArray counts(SafetensorsFile file, Layout layout, long threshold, int digit)
            throws InterruptedException {
        AtomicLongArray counts = new AtomicLongArray(1 << BITS);
        int above = BITS * (digit + 1);
        eachChunk(file, layout, (chunk, values, n) -> {
            long[] own = new long[1 << BITS];
            for (int i = 0; i < n; i++) {
                long magnitude = magnitude(values[i]);
                if (digit == DIGITS - 1 || magnitude >>> above == threshold >>> above) {
                    own[(int) (magnitude >>> (BITS * digit)) & ((1 << BITS) - 1)]++;
                }
            }
            for (int bin = 0; bin < own.length; bin++) {
                if (own[bin] != 0) {
                    counts.addAndGet(bin, own[bin]);
                }
            }
        });
        return counts;
    }

    /** For each chunk, how many magnitudes before it equal the threshold. */
    private List<Long> tiesBefore(SafetensorsFile file, Layout layout, long threshold) throws InterruptedException {
        AtomicLongArray ties = new AtomicLongArray(layout.chunkCount());
        eachChunk(file, layout, (chunk, values, n) -> {
            for (int i = 0; i < n; i++) {
                if (magnitude(values[i]) == threshold) {
                    ties.incrementAndGet(chunk);
                }
            }
        });
        List<Long> before = new ArrayList<>();
        long sum = 0;
        for (int i = 0; i < ties.length(); i++) {
            before.add(sum);
            sum += ties.get(i);
        }
        return before;
    }

    private void write(SafetensorsFile file, Layout layout, Path output, long threshold, List<Long> ties, long wanted)
            throws InterruptedException {
        SafetensorsWriter writer = SafetensorsWriter.create(output, layout, new TreeMap<>(file.metadata()));
        try {
            ChunkQueue.run(
                    threads,
                    layout.chunkCount(),
                    () -> worker(file, layout, (number, bytes) -> {
                        ChunkSpec chunk = layout.chunk(number);
                        TensorSpec tensor = layout.tensorOf(chunk);
                        if (pruned.contains(tensor.name())) {
                            long left = ties.isEmpty() ? 0 : wanted - ties.get(number);
                            prune(MemorySegment.ofBuffer(bytes), tensor, chunk, threshold, left);
                        }
                        writer.write(number, bytes);
                    }));
            writer.close();
        } finally {
            writer.abandon();
        }
    }

    private static void prune(MemorySegment bytes, TensorSpec tensor, ChunkSpec chunk, long threshold, long tiesLeft) {
        Kernel kernel = Kernel.create();
        double[] values = new double[chunk.elements()];
        kernel.decode64(bytes, tensor.dtype(), 0, values.length, values);
        long left = tiesLeft;
        for (int i = 0; i < values.length; i++) {
            long magnitude = magnitude(values[i]);
            if (magnitude == threshold && left > 0) {
                left--;
            } else if (magnitude <= threshold) {
                values[i] = 0;
            }
        }
        kernel.encode64(values, values.length, tensor.dtype(), bytes, 0);
    }

    /** As a number that grows with it. */
    private static long magnitude(double value) {
        return Double.doubleToLongBits(Math.abs(value));
    }

    private interface Values {
        void take(int chunk, double[] values, int n);
    }

    private interface Bytes {
        void take(int chunk, ByteBuffer bytes);
    }

    private void eachChunk(SafetensorsFile file, Layout layout, Values values) throws InterruptedException {
        ChunkQueue.run(
                threads,
                layout.chunkCount(),
                () -> worker(file, layout, (number, bytes) -> {
                    ChunkSpec chunk = layout.chunk(number);
                    TensorSpec tensor = layout.tensorOf(chunk);
                    if (pruned.contains(tensor.name())) {
                        double[] decoded = new double[chunk.elements()];
                        Kernel.create()
                                .decode64(MemorySegment.ofBuffer(bytes), tensor.dtype(), 0, decoded.length, decoded);
                        values.take(number, decoded, decoded.length);
                    }
                }));
    }

    private static ChunkQueue.Worker worker(SafetensorsFile file, Layout layout, Bytes each) {
        ByteBuffer memory =
                ByteBuffer.allocate(Float.BYTES * layout.chunkElements()).order(ByteOrder.LITTLE_ENDIAN);
        return new ChunkQueue.Worker() {
            @Override
            public void take(int number) {
                ChunkSpec chunk = layout.chunk(number);
                ByteBuffer bytes = memory.clear().limit(chunk.byteSize());
                file.readInto(layout.tensorOf(chunk), chunk.tensorByteOffset(), bytes);
                each.take(number, bytes.flip());
            }

            @Override
            public void close() {}
        };
    }
}
