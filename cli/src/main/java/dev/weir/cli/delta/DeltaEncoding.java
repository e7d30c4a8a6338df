package dev.weir.cli.delta;

import dev.weir.cli.WeirException;
import dev.weir.schemas.delta.Choice;
import dev.weir.schemas.delta.ChunkEncoder;
import dev.weir.schemas.delta.EncodedChunk;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the difference of a file against a model: the header, then every chunk of the layout in order, each with its
 * encoding (one byte), the size of its payload and the CRC-32C of its plain bytes (four each, little-endian).
 */
public final class DeltaEncoding {
    static final int CHUNK_PREFIX = 9;

    private DeltaEncoding() {}

    /**
     * Encodes.
     *
     * @param basePath model that the reader has
     * @param resultPath one safetensors file
     * @param output delta file to write
     */
    public static DeltaSizes encode(Path basePath, Path resultPath, Path output, Choice choice) throws IOException {
        DeltaSizes sizes = new DeltaSizes();
        try (SafetensorsFile base = SafetensorsFile.open(basePath);
                SafetensorsFile result = SafetensorsFile.open(resultPath);
                ChunkEncoder encoder = new ChunkEncoder();
                PartFile out = PartFile.create(output)) {
            Layout layout = result.layout();
            byte[] head = head(resultPath, layout);
            DeltaHeader header = new DeltaHeader(
                    ModelDigest.of(base),
                    ModelDigest.of(result),
                    head.length + layout.byteSize(),
                    layout.chunkElements(),
                    head);
            out.append(ByteBuffer.wrap(header.bytes()));
            Map<String, TensorSpec> known = Models.tensors(base);
            for (int number = 0; number < layout.chunkCount(); number++) {
                ChunkSpec chunk = layout.chunk(number);
                TensorSpec tensor = layout.tensorOf(chunk);
                ByteBuffer now = result.read(chunk);
                @Nullable
                ByteBuffer old = tensor.equals(known.get(tensor.name()))
                        ? base.read(tensor, chunk.tensorByteOffset(), chunk.byteSize())
                        : null;
                EncodedChunk encoded = encoder.encode(tensor.dtype(), old, now, choice);
                append(encoded, Crc.crc32c(now), out);
                sizes.add(
                        encoded.encoding(), chunk.byteSize(), encoded.payload().remaining());
            }
            sizes.total(out.position(), Files.size(resultPath));
            out.complete();
        }
        return sizes;
    }

    private static void append(EncodedChunk encoded, int crc, PartFile out) throws IOException {
        ByteBuffer prefix = ByteBuffer.allocate(CHUNK_PREFIX).order(ByteOrder.LITTLE_ENDIAN);
        prefix.put((byte) encoded.encoding().number());
        prefix.putInt(encoded.payload().remaining());
        prefix.putInt(crc);
        out.append(prefix.flip());
        out.append(encoded.payload());
    }

    /** The bytes of a file before its tensors. */
    private static byte[] head(Path file, Layout layout) throws IOException {
        if (!Files.isRegularFile(file) || file.toString().endsWith(".json")) {
            throw new WeirException(
                    file.toString(),
                    "is not a single file",
                    "allowed: one safetensors file",
                    "name one file of the model");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes((int) (Files.size(file) - layout.byteSize()));
        }
    }
}
