package dev.weir.schemas.wire;

import static dev.weir.schemas.wire.Sink.sizeOf;
import static dev.weir.schemas.wire.Sink.sizeOfBytes;

import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;
import org.apache.avro.specific.SpecificRecord;

/** A merged chunk whose payload is read as a view of the record and written with one copy. */
final class MergedChunkBody implements Body {
    private static final String NAME = "MergedChunk";

    @Override
    public SpecificRecord read(Cursor in) {
        int formatVersion = in.field("formatVersion").readInt();
        Protocol.checkFormat(NAME, formatVersion);
        MergedChunk chunk = new MergedChunk(
                formatVersion,
                in.field("channel").readString(),
                in.field("version").readLong(),
                in.field("seq").readLong(),
                new Sha256(in.field("layoutHash").readFixed(Filled.SHA256_BYTES)),
                in.field("chunk").readInt(),
                in.field("crc32c").readInt(),
                in.field("payload").readSlice());
        in.expectEnd();
        return chunk;
    }

    @Override
    public byte[] write(int schemaId, SpecificRecord record, IntFunction<byte[]> arrays) {
        MergedChunk chunk = (MergedChunk) record;
        byte[] channel = Filled.field(NAME, "channel", chunk.getChannel()).getBytes(StandardCharsets.UTF_8);
        byte[] layoutHash = Filled.digest(NAME, "layoutHash", chunk.getLayoutHash());
        int size = sizeOf(chunk.getFormatVersion())
                + sizeOfBytes(channel.length)
                + sizeOf(chunk.getVersion())
                + sizeOf(chunk.getSeq())
                + layoutHash.length
                + sizeOf(chunk.getChunk())
                + sizeOf(chunk.getCrc32c())
                + sizeOfBytes(Filled.field(NAME, "payload", chunk.getPayload()).remaining());
        return new Sink(schemaId, size, arrays)
                .number(chunk.getFormatVersion())
                .string(channel)
                .number(chunk.getVersion())
                .number(chunk.getSeq())
                .fixed(layoutHash)
                .number(chunk.getChunk())
                .number(chunk.getCrc32c())
                .bytes(chunk.getPayload())
                .filled(NAME);
    }
}
