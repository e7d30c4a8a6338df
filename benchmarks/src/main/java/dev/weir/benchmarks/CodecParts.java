package dev.weir.benchmarks;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import dev.weir.schemas.delta.Choice;
import dev.weir.schemas.delta.ChunkDecoder;
import dev.weir.schemas.delta.ChunkEncoder;
import dev.weir.schemas.delta.EncodedChunk;
import dev.weir.schemas.delta.Encoding;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;

/** What is timed of a pair, each once over all of its chunks, in one thread; and the sizes that come of it. */
final class CodecParts implements AutoCloseable {
    /** What a chunk costs beside its payload: encoding, size, checksum. */
    private static final int FRAME_BYTES = 9;

    private record Encoded(Encoding encoding, ByteBuffer payload) {}

    private final CheckpointPair pair;
    private final ChunkEncoder encoder = new ChunkEncoder();
    private final ChunkDecoder decoder = new ChunkDecoder();
    private final ZstdCompressCtx compressor = new ZstdCompressCtx().setLevel(1);
    private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();
    private final byte[] packed = new byte[2 << 20];
    private final byte[] unpacked = new byte[2 << 20];
    private final Map<String, Runnable> parts = new LinkedHashMap<>();
    private final Map<String, Long> sizes = new LinkedHashMap<>();

    CodecParts(CheckpointPair pair) {
        this.pair = pair;
        for (Choice choice : List.of(Choice.ENTROPY, Choice.FAST)) {
            List<Encoded> encoded = encodeAll(choice);
            long payloads = encoded.stream()
                    .mapToLong(chunk -> chunk.payload().remaining())
                    .sum();
            sizes.put(choice.label(), payloads + (long) FRAME_BYTES * encoded.size());
            parts.put(
                    choice.label() + "Encode",
                    () -> pair.chunks()
                            .forEach(chunk -> encoder.encode(chunk.dtype(), chunk.old(), chunk.now(), choice)));
            parts.put(choice.label() + "Decode", () -> decodeAll(encoded));
        }
        if (pair.narrow()) {
            peers("Xor", pair.planes(true));
            peers("Difference", pair.planes(false));
        }
    }

    private void peers(String name, List<byte[]> planes) {
        List<byte[]> zstd = new ArrayList<>();
        for (byte[] plane : planes) {
            zstd.add(compressor.compress(plane));
        }
        sizes.put("zstd" + name, zstd.stream().mapToLong(bytes -> bytes.length).sum());
        sizes.put("zlib" + name, planes.stream().mapToLong(this::zlib).sum());
        parts.put(
                "zstd" + name + "Encode",
                () -> planes.forEach(
                        plane -> compressor.compressByteArray(packed, 0, packed.length, plane, 0, plane.length)));
        parts.put("zstd" + name + "Decode", () -> {
            for (int i = 0; i < zstd.size(); i++) {
                byte[] bytes = zstd.get(i);
                decompressor.decompressByteArray(unpacked, 0, planes.get(i).length, bytes, 0, bytes.length);
            }
        });
    }

    private long zlib(byte[] plane) {
        Deflater deflater = new Deflater(6);
        deflater.setInput(plane);
        deflater.finish();
        long size = 0;
        while (!deflater.finished()) {
            size += deflater.deflate(packed);
        }
        deflater.end();
        return size;
    }

    private List<Encoded> encodeAll(Choice choice) {
        List<Encoded> all = new ArrayList<>();
        for (CheckpointPair.Chunk chunk : pair.chunks()) {
            EncodedChunk encoded = encoder.encode(chunk.dtype(), chunk.old(), chunk.now(), choice);
            byte[] payload = new byte[encoded.payload().remaining()];
            encoded.payload().get(payload);
            Encoded copy = new Encoded(encoded.encoding(), ByteBuffer.wrap(payload));
            if (!decode(chunk, copy).equals(chunk.now())) {
                throw new IllegalStateException("a chunk of " + pair.name() + " does not come back by " + choice);
            }
            all.add(copy);
        }
        return all;
    }

    private void decodeAll(List<Encoded> encoded) {
        for (int i = 0; i < encoded.size(); i++) {
            decode(pair.chunks().get(i), encoded.get(i));
        }
    }

    private ByteBuffer decode(CheckpointPair.Chunk chunk, Encoded encoded) {
        return decoder.decode(
                encoded.encoding(),
                chunk.dtype(),
                chunk.old(),
                encoded.payload(),
                chunk.now().remaining());
    }

    /** What can be timed, by name. */
    Map<String, Runnable> parts() {
        return parts;
    }

    /** Bytes by what made them; of Weir's own with what stands around each chunk. */
    Map<String, Long> sizes() {
        return sizes;
    }

    @Override
    public void close() {
        encoder.close();
        decoder.close();
        compressor.close();
        decompressor.close();
    }
}
