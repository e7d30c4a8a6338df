package dev.weir.schemas.wire;

import static dev.weir.schemas.wire.Sink.sizeOf;
import static dev.weir.schemas.wire.Sink.sizeOfBytes;

import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** A chunk whose payload is read as a view of the record and written with one copy. */
final class ChunkBody implements Body {
    private static final String NAME = "Chunk";
    /** A record whose payload begins behind so many bytes is read as a whole. */
    private static final int LONGEST_HEAD = 1024;

    @Override
    public SpecificRecord read(Cursor in) {
        int formatVersion = in.field("formatVersion").readInt();
        Protocol.checkFormat(NAME, formatVersion);
        Chunk chunk = new Chunk(
                formatVersion,
                in.field("run").readString(),
                in.field("epoch").readLong(),
                in.field("step").readLong(),
                new Sha256(in.field("layoutHash").readFixed(Filled.SHA256_BYTES)),
                in.field("chunk").readInt(),
                in.field("encoding").readInt(),
                in.field("baseStep").readLong(),
                in.field("crc32c").readInt(),
                in.field("payload").readSlice());
        in.expectEnd();
        return chunk;
    }

    /** See {@link RecordCodec#detach}. */
    static @Nullable DetachedChunk detach(int schemaId, ByteBuffer bytes) {
        byte[] front = new byte[Math.min(bytes.remaining(), LONGEST_HEAD)];
        bytes.duplicate().get(front);
        try {
            if (Frame.of(ByteBuffer.wrap(front)).schemaId() != schemaId) {
                return null;
            }
            Cursor in = new Cursor(NAME, ByteBuffer.wrap(front), Frame.HEAD_BYTES);
            in.readInt();
            in.readString();
            in.readLong();
            in.readLong();
            in.skip(Filled.SHA256_BYTES);
            in.readInt();
            int encoding = in.readInt();
            in.readLong();
            in.readInt();
            int head = in.at();
            long length = in.readLong();
            if (length != bytes.remaining() - in.at()) {
                return null;
            }
            // A last byte of 0: a payload of no bytes.
            byte[] detached = Arrays.copyOf(front, head + 1);
            detached[head] = 0;
            return new DetachedChunk(detached, encoding, bytes.slice(bytes.position() + in.at(), (int) length));
        } catch (BadRecordException foreign) {
            return null;
        }
    }

    @Override
    public byte[] write(int schemaId, SpecificRecord record, IntFunction<byte[]> arrays) {
        Chunk chunk = (Chunk) record;
        byte[] run = Filled.field(NAME, "run", chunk.getRun()).getBytes(StandardCharsets.UTF_8);
        byte[] layoutHash = Filled.digest(NAME, "layoutHash", chunk.getLayoutHash());
        int size = sizeOf(chunk.getFormatVersion())
                + sizeOfBytes(run.length)
                + sizeOf(chunk.getEpoch())
                + sizeOf(chunk.getStep())
                + layoutHash.length
                + sizeOf(chunk.getChunk())
                + sizeOf(chunk.getEncoding())
                + sizeOf(chunk.getBaseStep())
                + sizeOf(chunk.getCrc32c())
                + sizeOfBytes(Filled.field(NAME, "payload", chunk.getPayload()).remaining());
        return new Sink(schemaId, size, arrays)
                .number(chunk.getFormatVersion())
                .string(run)
                .number(chunk.getEpoch())
                .number(chunk.getStep())
                .fixed(layoutHash)
                .number(chunk.getChunk())
                .number(chunk.getEncoding())
                .number(chunk.getBaseStep())
                .number(chunk.getCrc32c())
                .bytes(chunk.getPayload())
                .filled(NAME);
    }
}
