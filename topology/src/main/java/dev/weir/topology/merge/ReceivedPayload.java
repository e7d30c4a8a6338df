package dev.weir.topology.merge;

import dev.weir.schemas.record.Chunk;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A chunk's payload off the heap, beside its record: Kafka Streams hands on values as arrays alone, but headers as they are. The
 * record's own payload is empty then. It goes back when the record is folded, unless the fold has taken it over.
 */
final class ReceivedPayload implements Header {
    private static final String KEY = "weir-payload";
    private static final byte[] NOTHING = {};

    private final ReceivedMemory from;
    private final MemorySegment bytes;
    private final int recordBytes;
    private final Cleaner.Cleanable memory;
    private boolean taken;

    /**
     * Copies a payload.
     *
     * @param recordBytes what the record had with its payload
     */
    ReceivedPayload(ReceivedMemory from, ByteBuffer payload, int recordBytes) {
        this.from = from;
        bytes = from.take(payload.remaining());
        memory = from.cleanable(this, bytes);
        bytes.copyFrom(MemorySegment.ofBuffer(payload));
        this.recordBytes = recordBytes;
    }

    /** That of a record; null where it has its payload itself. */
    static @Nullable ReceivedPayload of(Headers headers) {
        return headers.lastHeader(KEY) instanceof ReceivedPayload payload ? payload : null;
    }

    /** A record that is not folded has nothing that anybody takes over. */
    static void dropped(Headers headers) {
        ReceivedPayload payload = of(headers);
        if (payload != null) {
            payload.folded();
        }
    }

    /** The record with its payload. */
    SpecificRecord with(SpecificRecord record) {
        return record instanceof Chunk head
                ? new Chunk(
                        head.getFormatVersion(),
                        head.getRun(),
                        head.getEpoch(),
                        head.getStep(),
                        head.getLayoutHash(),
                        head.getChunk(),
                        head.getEncoding(),
                        head.getBaseStep(),
                        head.getCrc32c(),
                        bytes.asByteBuffer())
                : record;
    }

    /** Whose memory it is in. */
    ReceivedMemory from() {
        return from;
    }

    MemorySegment bytes() {
        return bytes;
    }

    /** What the record had with its payload. */
    int recordBytes() {
        return recordBytes;
    }

    /** From now on it is {@link #giveBack} alone that gives it back. */
    void take() {
        taken = true;
    }

    /** The record is folded: what nobody has taken over goes back. */
    void folded() {
        if (!taken) {
            giveBack();
        }
    }

    /** Nobody may look at it any more. */
    void giveBack() {
        memory.clean();
    }

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public byte[] value() {
        return NOTHING;
    }
}
