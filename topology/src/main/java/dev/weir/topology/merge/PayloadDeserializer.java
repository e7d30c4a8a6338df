package dev.weir.topology.merge;

import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.wire.DetachedChunk;
import dev.weir.schemas.wire.RecordCodec;
import java.nio.ByteBuffer;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Values as they are, but the payloads of full chunks go from the fetched bytes straight off the heap, where they wait for their
 * decision: an array of a megabyte would be zeroed, filled, copied from and collected for each.
 */
final class PayloadDeserializer implements Deserializer<byte[]> {
    /** Smaller values are cheaper as they are. */
    private static final int SMALLEST = 16 << 10;

    private final ByteArrayDeserializer whole = new ByteArrayDeserializer();
    private final String topic;
    private final RecordCodec codec;
    private final ReceivedMemory memory;
    private final int smallest;

    /** @param topic whose values are chunks; those of others stay whole */
    PayloadDeserializer(String topic, RecordCodec codec, ReceivedMemory memory) {
        this(topic, codec, memory, SMALLEST);
    }

    /** @param smallest bytes of a value from which on its payload is taken off */
    PayloadDeserializer(String topic, RecordCodec codec, ReceivedMemory memory, int smallest) {
        this.topic = topic;
        this.codec = codec;
        this.memory = memory;
        this.smallest = smallest;
    }

    @Override
    public byte[] deserialize(String from, byte[] value) {
        return value;
    }

    @Override
    public byte[] deserialize(String from, Headers headers, ByteBuffer value) {
        if (value != null && value.remaining() >= smallest && from.equals(topic)) {
            int recordBytes = value.remaining();
            DetachedChunk chunk = codec.detach(value);
            if (chunk != null && chunk.encoding() == Encoding.FULL.number()) {
                headers.add(new ReceivedPayload(memory, chunk.payload(), recordBytes));
                return chunk.head();
            }
        }
        return whole.deserialize(from, headers, value);
    }
}
