package dev.weir.benchmarks;

import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Files to merge.
 *
 * @param inputs of one layout, f32 values between -0.5 and 0.5
 * @param output is not there yet
 */
record MergeFiles(List<Path> inputs, long inputBytes, Path output) {
    private static final int TENSORS = 20;

    static MergeFiles write(Path folder, int files, long bytesEach) {
        Layout layout = Layout.of(IntStream.range(0, TENSORS)
                .mapToObj(i -> new TensorSpec(
                        "layer.%02d.weight".formatted(i), Dtype.F32, List.of(bytesEach / Float.BYTES / TENSORS)))
                .toList());
        List<Path> inputs = IntStream.range(0, files)
                .mapToObj(i -> write(folder.resolve("step-" + i + ".safetensors"), layout, i))
                .toList();
        return new MergeFiles(inputs, files * layout.byteSize(), folder.resolve("output.safetensors"));
    }

    private static Path write(Path file, Layout layout, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ByteBuffer bytes =
                ByteBuffer.allocate(Float.BYTES * layout.chunkElements()).order(ByteOrder.LITTLE_ENDIAN);
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, layout)) {
            for (int number = 0; number < layout.chunkCount(); number++) {
                bytes.clear().limit(layout.chunk(number).byteSize());
                while (bytes.hasRemaining()) {
                    bytes.putFloat((random.nextInt() >>> 8) * 0x1p-24f - 0.5f);
                }
                writer.write(bytes.flip());
            }
        }
        return file;
    }
}
