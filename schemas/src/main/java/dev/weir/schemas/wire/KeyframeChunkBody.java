package dev.weir.schemas.wire;

import static dev.weir.schemas.wire.Sink.sizeOf;
import static dev.weir.schemas.wire.Sink.sizeOfBytes;

import dev.weir.schemas.record.KeyframeChunk;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;
import org.apache.avro.specific.SpecificRecord;

/** A chunk of a keyframe whose payload is read as a view of the record and written with one copy. */
final class KeyframeChunkBody implements Body {
    private static final String NAME = "KeyframeChunk";

    @Override
    public SpecificRecord read(Cursor in) {
        int formatVersion = in.field("formatVersion").readInt();
        Protocol.checkFormat(NAME, formatVersion);
        KeyframeChunk chunk = new KeyframeChunk(
                formatVersion,
                in.field("applicationId").readString(),
                in.field("channel").readString(),
                in.field("chunk").readInt(),
                in.field("seq").readLong(),
                in.field("stateBytes").readLong(),
                in.field("firstByte").readLong(),
                in.field("crc32c").readInt(),
                in.field("payload").readSlice());
        in.expectEnd();
        return chunk;
    }

    @Override
    public byte[] write(int schemaId, SpecificRecord record, IntFunction<byte[]> arrays) {
        KeyframeChunk chunk = (KeyframeChunk) record;
        byte[] application =
                Filled.field(NAME, "applicationId", chunk.getApplicationId()).getBytes(StandardCharsets.UTF_8);
        byte[] channel = Filled.field(NAME, "channel", chunk.getChannel()).getBytes(StandardCharsets.UTF_8);
        int size = sizeOf(chunk.getFormatVersion())
                + sizeOfBytes(application.length)
                + sizeOfBytes(channel.length)
                + sizeOf(chunk.getChunk())
                + sizeOf(chunk.getSeq())
                + sizeOf(chunk.getStateBytes())
                + sizeOf(chunk.getFirstByte())
                + sizeOf(chunk.getCrc32c())
                + sizeOfBytes(Filled.field(NAME, "payload", chunk.getPayload()).remaining());
        return new Sink(schemaId, size, arrays)
                .number(chunk.getFormatVersion())
                .string(application)
                .string(channel)
                .number(chunk.getChunk())
                .number(chunk.getSeq())
                .number(chunk.getStateBytes())
                .number(chunk.getFirstByte())
                .number(chunk.getCrc32c())
                .bytes(chunk.getPayload())
                .filled(NAME);
    }
}
