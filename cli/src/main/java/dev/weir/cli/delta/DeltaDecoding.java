package dev.weir.cli.delta;

import dev.weir.cli.WeirException;
import dev.weir.schemas.delta.BadDeltaException;
import dev.weir.schemas.delta.ChunkDecoder;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.safetensors.SafetensorsException;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.ContentDigest;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Restores the file that {@link DeltaEncoding} encoded, byte for byte. */
public final class DeltaDecoding {
    private static final long MAX_CHUNK_BYTES = 4L * Layout.CHUNK_ELEMENTS;

    private final Path deltaPath;
    private final DeltaInput in;
    private final SafetensorsFile base;
    private final DeltaSizes sizes = new DeltaSizes();

    private DeltaDecoding(Path deltaPath, DeltaInput in, SafetensorsFile base) {
        this.deltaPath = deltaPath;
        this.in = in;
        this.base = base;
    }

    /**
     * Decodes.
     *
     * @param basePath the model that the delta was encoded against
     * @param output safetensors file to write
     */
    public static DeltaSizes decode(Path basePath, Path deltaPath, Path output) throws IOException {
        try (DeltaInput in = DeltaInput.open(deltaPath);
                SafetensorsFile base = SafetensorsFile.open(basePath);
                PartFile out = PartFile.create(output)) {
            DeltaDecoding decoding = new DeltaDecoding(deltaPath, in, base);
            decoding.restore(out);
            out.complete();
            return decoding.sizes;
        }
    }

    private void restore(PartFile out) throws IOException {
        DeltaHeader header = DeltaHeader.read(in);
        String digest = ModelDigest.of(base);
        if (!digest.equals(header.base())) {
            throw new WeirException(
                    base.path().toString(),
                    "has digest " + digest + ", " + deltaPath + " was encoded against " + header.base(),
                    "",
                    "name the model that it was encoded against");
        }
        long most = in.left() / DeltaEncoding.CHUNK_PREFIX * MAX_CHUNK_BYTES + header.head().length;
        if (header.resultBytes() < header.head().length || header.resultBytes() > most) {
            throw in.problem(
                    0,
                    "claims a file of " + header.resultBytes() + " bytes",
                    "allowed for its size: " + header.head().length + " to " + most);
        }
        out.resize(header.resultBytes());
        out.write(ByteBuffer.wrap(header.head()), 0);
        try (SafetensorsFile shape = SafetensorsFile.open(out.temporary())) {
            Layout layout = shape.layout();
            if (layout.chunkElements() != header.chunkElements()) {
                throw in.problem(
                        0, "chunks of " + header.chunkElements() + " elements", "allowed: " + layout.chunkElements());
            }
            String result = chunks(layout, shape, out);
            if (in.left() != 0) {
                throw in.problem(in.position(), in.left() + " bytes follow the last chunk", "");
            }
            if (!result.equals(header.result())) {
                throw in.problem(0, "the restored model has digest " + result + ", not " + header.result(), "");
            }
            sizes.total(in.position(), header.resultBytes());
        } catch (SafetensorsException damaged) {
            throw in.problem(0, "its head of the restored file is damaged: " + damaged.getMessage(), "");
        }
    }

    private String chunks(Layout layout, SafetensorsFile shape, PartFile out) throws IOException {
        Map<String, TensorSpec> known = Models.tensors(base);
        ContentDigest digest = new ContentDigest(layout);
        try (ChunkDecoder decoder = new ChunkDecoder()) {
            for (int number = 0; number < layout.chunkCount(); number++) {
                ChunkSpec chunk = layout.chunk(number);
                TensorSpec tensor = layout.tensorOf(chunk);
                @Nullable
                ByteBuffer old = tensor.equals(known.get(tensor.name()))
                        ? base.read(tensor, chunk.tensorByteOffset(), chunk.byteSize())
                        : null;
                ByteBuffer now = chunk(chunk, tensor, old, decoder);
                digest.update(now);
                out.write(now, shape.position(tensor) + chunk.tensorByteOffset());
            }
        }
        return HexFormat.of().formatHex(digest.finish());
    }

    private ByteBuffer chunk(ChunkSpec chunk, TensorSpec tensor, @Nullable ByteBuffer old, ChunkDecoder decoder)
            throws IOException {
        String name = "chunk " + chunk.index() + " (tensor " + tensor.name() + ")";
        long at = in.position();
        ByteBuffer prefix =
                ByteBuffer.wrap(in.read(DeltaEncoding.CHUNK_PREFIX, name)).order(ByteOrder.LITTLE_ENDIAN);
        int number = prefix.get() & 0xff;
        int size = prefix.getInt();
        int crc = prefix.getInt();
        if (size < 0 || size > chunk.byteSize()) {
            throw in.problem(at, name + " has a payload of " + size + " bytes", "allowed: 0 to " + chunk.byteSize());
        }
        byte[] payload = in.read(size, name);
        ByteBuffer now;
        try {
            Encoding encoding = Encoding.of(number);
            now = decoder.decode(encoding, tensor.dtype(), old, ByteBuffer.wrap(payload), chunk.byteSize());
            sizes.add(encoding, chunk.byteSize(), size);
        } catch (BadDeltaException damaged) {
            throw in.problem(at, name + " cannot be decoded: " + damaged.getMessage(), "");
        }
        if (Crc.crc32c(now) != crc) {
            throw in.problem(at, name + " has checksum " + Crc.crc32c(now) + ", not " + crc, "");
        }
        return now;
    }
}
