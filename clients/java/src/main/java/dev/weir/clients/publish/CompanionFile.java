package dev.weir.clients.publish;

import dev.weir.clients.ClientException;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Companions;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** A safetensors file beside a checkpoint's: a number for each element of every float tensor, in f32 or bf16. */
public final class CompanionFile implements WeightSource {

    private final Layout layout;
    private final SafetensorsFile file;
    private final Map<String, TensorSpec> tensors = new HashMap<>();

    private CompanionFile(Layout layout, SafetensorsFile file) {
        this.layout = layout;
        this.file = file;
        file.layout().tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    }

    /**
     * The numbers of a file, which stays open.
     *
     * @param layout with which the publisher was opened
     * @throws ClientException if a float tensor is not there, has another shape, or is neither f32 nor bf16
     */
    public static CompanionFile of(SafetensorsFile file, Layout layout) {
        CompanionFile companion = new CompanionFile(layout, file);
        for (TensorSpec tensor : layout.tensors()) {
            TensorSpec own = companion.tensors.get(tensor.name());
            boolean fits = own != null
                    && own.shape().equals(tensor.shape())
                    && (own.dtype() == Dtype.F32 || own.dtype() == Dtype.BF16);
            if (tensor.dtype().isFloat() && !fits) {
                throw new ClientException(
                        ClientException.Reason.INVALID,
                        "companion " + file.path(),
                        (own == null ? "has no tensor " + tensor.name() : "has " + own) + " beside " + tensor,
                        "allowed: every float tensor of the checkpoint, in its shape, as F32 or BF16",
                        "write zeros where nothing is known");
            }
        }
        return companion;
    }

    @Override
    public ByteBuffer read(ChunkSpec chunk) {
        TensorSpec own =
                Objects.requireNonNull(tensors.get(layout.tensorOf(chunk).name()));
        int width = own.dtype().bytes();
        ByteBuffer bytes = ByteBuffer.allocate(chunk.elements() * width).order(ByteOrder.LITTLE_ENDIAN);
        file.readInto(own, chunk.firstElement() * width, bytes);
        bytes.flip();
        if (own.dtype() == Dtype.F32) {
            return bytes;
        }
        ByteBuffer wide = ByteBuffer.allocate(Companions.byteSize(chunk)).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            wide.putInt(bytes.getShort() << 16);
        }
        return wide.flip();
    }
}
