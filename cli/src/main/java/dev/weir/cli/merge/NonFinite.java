package dev.weir.cli.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** NaN and infinity where weights are averaged: a stream refuses such a checkpoint, a merge the model that has them. */
final class NonFinite {
    private NonFinite() {}

    /**
     * Looks at what models came to. Whatever is not finite in a model that counts is not finite here, so that one look
     * stands for one at each model.
     *
     * @param merged the bytes of the piece
     * @param models of which it was made
     * @throws IllegalArgumentException if it is not finite; the message names the model that is not, if one is not
     */
    static void refuse(
            Kernel kernel, MemorySegment merged, TensorSpec tensor, ChunkSpec piece, List<SafetensorsFile> models) {
        int at = kernel.firstNonFinite(merged, tensor.dtype(), piece.elements());
        if (at < 0) {
            return;
        }
        for (SafetensorsFile model : models) {
            refuseModel(kernel, model, tensor, piece);
        }
        throw new IllegalArgumentException(place(tensor, piece, at) + " comes out as "
                + value(kernel, merged, tensor, at) + ", and all models are finite; allowed: results that "
                + tensor.dtype() + " can hold; take smaller coefficients, or models in a wider dtype");
    }

    /**
     * Looks at a whole tensor of models.
     *
     * @throws IllegalArgumentException if one of them is not finite; the message names the first
     */
    static void refuse(Kernel kernel, TensorSpec tensor, List<SafetensorsFile> models) {
        Layout layout = Layout.of(List.of(tensor));
        for (SafetensorsFile model : models) {
            for (int number = 0; number < layout.chunkCount(); number++) {
                refuseModel(kernel, model, tensor, layout.chunk(number));
            }
        }
    }

    private static void refuseModel(Kernel kernel, SafetensorsFile model, TensorSpec tensor, ChunkSpec piece) {
        MemorySegment bytes = MemorySegment.ofBuffer(model.read(tensor, piece.tensorByteOffset(), piece.byteSize()));
        int at = kernel.firstNonFinite(bytes, tensor.dtype(), piece.elements());
        if (at >= 0) {
            throw new IllegalArgumentException(model.path() + ": " + place(tensor, piece, at) + " is "
                    + value(kernel, bytes, tensor, at) + "; allowed: finite weights where they are averaged; leave the"
                    + " model out, or give --tensor " + tensor.name() + "=copy-latest");
        }
    }

    private static String place(TensorSpec tensor, ChunkSpec piece, int at) {
        return "tensor " + tensor.name() + " element " + (piece.firstElement() + at);
    }

    private static double value(Kernel kernel, MemorySegment bytes, TensorSpec tensor, int at) {
        double[] value = new double[1];
        kernel.decode64(bytes, tensor.dtype(), at, 1, value);
        return value[0];
    }
}
