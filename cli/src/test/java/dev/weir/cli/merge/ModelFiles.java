package dev.weir.cli.merge;

import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** Small models as files. */
public final class ModelFiles {
    private ModelFiles() {}

    /** Random values between -1 and 1, integers from the same draws. */
    public static Path random(Path file, List<TensorSpec> tensors, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return of(file, tensors, () -> random.nextDouble(-1, 1));
    }

    /** Random values between 0 and 1. */
    public static Path positive(Path file, List<TensorSpec> tensors, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return of(file, tensors, random::nextDouble);
    }

    /** One tensor of these values. */
    public static Path of(Path file, String tensor, float... values) {
        return of(file, List.of(new TensorSpec(tensor, Dtype.F32, List.of((long) values.length))), values);
    }

    /** Tensors of these values, one after the other. */
    public static Path of(Path file, List<TensorSpec> tensors, float... values) {
        int[] next = {0};
        return of(file, tensors, () -> values[next[0]++]);
    }

    /** The values of an f32 tensor. */
    public static float[] read(Path path, String tensor) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            TensorSpec spec = file.layout().tensors().stream()
                    .filter(one -> one.name().equals(tensor))
                    .findFirst()
                    .orElseThrow();
            float[] values = new float[(int) spec.elements()];
            file.read(spec, 0, (int) spec.byteSize()).asFloatBuffer().get(values);
            return values;
        }
    }

    /** Tensors of the values that are given, one after the other. */
    static Path of(Path file, List<TensorSpec> tensors, DoubleSupplier values) {
        Layout layout = Layout.of(tensors);
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, layout)) {
            for (int number = 0; number < layout.chunkCount(); number++) {
                ChunkSpec chunk = layout.chunk(number);
                ByteBuffer bytes = ByteBuffer.allocate(chunk.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
                while (bytes.hasRemaining()) {
                    double value = values.getAsDouble();
                    switch (layout.tensorOf(chunk).dtype()) {
                        case BF16 -> bytes.putShort((short) (Float.floatToIntBits((float) value) >> 16));
                        case F64 -> bytes.putDouble(value);
                        case I64 -> bytes.putLong((long) (value * 1e9));
                        default -> bytes.putFloat((float) value);
                    }
                }
                writer.write(bytes.flip());
            }
        }
        return file;
    }
}
