package dev.weir.cli.delta;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.schemas.tensor.Crc;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What stands before the chunks: eight bytes {@code WEIRDLTA}, format version, sizes of the following as it lies and
 * unpacked, its CRC-32C (four bytes each, little-endian), then through zstd a JSON document, a 0 byte, and the head of the
 * restored file as it is: tensors, metadata, padding and all.
 *
 * @param base content digest of the model that differences refer to, in hexadecimal
 * @param result content digest of the restored model
 * @param resultBytes size of the restored file
 * @param chunkElements elements of a chunk at most
 * @param head the first bytes of the restored file, up to its tensors
 */
record DeltaHeader(String base, String result, long resultBytes, int chunkElements, byte[] head) {
    private static final byte[] MAGIC = "WEIRDLTA".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int PREFIX = 24;
    private static final int LEVEL = 19;
    /** What safetensors allows for a head, and room for the document. */
    private static final int MAX_BYTES = 100_010_000;

    byte[] bytes() {
        byte[] document = Json.compact(Json.object()
                        .put("base", base)
                        .put("result", result)
                        .put("resultBytes", resultBytes)
                        .put("chunkElements", chunkElements))
                .getBytes(StandardCharsets.UTF_8);
        byte[] plain = Arrays.copyOf(document, document.length + 1 + head.length);
        System.arraycopy(head, 0, plain, document.length + 1, head.length);
        byte[] packed = Zstd.compress(plain, LEVEL);
        return ByteBuffer.allocate(PREFIX + packed.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putInt(VERSION)
                .putInt(packed.length)
                .putInt(plain.length)
                .putInt(Crc.crc32c(ByteBuffer.wrap(packed)))
                .put(packed)
                .array();
    }

    static DeltaHeader read(DeltaInput in) throws IOException {
        ByteBuffer prefix = ByteBuffer.wrap(in.read(PREFIX, "its prefix")).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[MAGIC.length];
        prefix.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw in.problem(0, "it does not begin with WEIRDLTA", "allowed: a file that weir encode wrote");
        }
        int version = prefix.getInt();
        if (version != VERSION) {
            throw in.problem(8, "format version " + version, "allowed: " + VERSION);
        }
        int packedBytes = prefix.getInt();
        int plainBytes = prefix.getInt();
        int crc = prefix.getInt();
        if (packedBytes < 0 || packedBytes > in.left() || plainBytes < 0 || plainBytes > MAX_BYTES) {
            throw in.problem(
                    12,
                    "a header of " + packedBytes + " bytes, unpacked " + plainBytes,
                    "allowed: " + in.left() + ", unpacked " + MAX_BYTES);
        }
        byte[] packed = in.read(packedBytes, "its header");
        if (Crc.crc32c(ByteBuffer.wrap(packed)) != crc) {
            throw in.problem(PREFIX, "the header's checksum is wrong", "");
        }
        return parsed(in, packed, plainBytes);
    }

    private static DeltaHeader parsed(DeltaInput in, byte[] packed, int plainBytes) {
        try {
            byte[] plain = Zstd.decompress(packed, plainBytes);
            if (plain.length != plainBytes || plainBytes == 0) {
                throw in.problem(PREFIX, "the header unpacks to " + plain.length + " bytes, not " + plainBytes, "");
            }
            int end = 0;
            while (end < plain.length - 1 && plain[end] != 0) {
                end++;
            }
            JsonNode json = Json.parse(Arrays.copyOf(plain, end));
            return new DeltaHeader(
                    json.path("base").asText(),
                    json.path("result").asText(),
                    json.path("resultBytes").asLong(),
                    json.path("chunkElements").asInt(),
                    Arrays.copyOfRange(plain, end + 1, plain.length));
        } catch (ZstdException | IOException unreadable) {
            WeirException problem = in.problem(PREFIX, "the header cannot be read: " + unreadable.getMessage(), "");
            problem.addSuppressed(unreadable);
            throw problem;
        }
    }
}
