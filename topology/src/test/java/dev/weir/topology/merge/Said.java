package dev.weir.topology.merge;

import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.schemas.wire.RecordCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** What a fold said, one line a record, and the keyframes that it wrote. */
final class Said implements FoldOutput {
    /** A record of keyframes. */
    record Pair(byte[] key, byte @Nullable [] value) {}

    final List<String> lines = new ArrayList<>();
    final List<Pair> keyframes = new ArrayList<>();
    /** Asked at each chunk that enters. */
    BooleanSupplier behind = () -> true;

    private final RecordCodec codec;

    Said(RecordCodec codec) {
        this.codec = codec;
    }

    void addTo(MockConsumer<byte[], ByteBuffer> consumer, TopicPartition partition) {
        for (int offset = 0; offset < keyframes.size(); offset++) {
            Pair pair = keyframes.get(offset);
            ByteBuffer value = pair.value() == null ? null : ByteBuffer.wrap(pair.value());
            consumer.addRecord(
                    new ConsumerRecord<>(partition.topic(), partition.partition(), offset, pair.key(), value));
        }
    }

    @Override
    public boolean behind() {
        return behind.getAsBoolean();
    }

    @Override
    public void ack(SpecificRecord ack) {
        lines.add(ack.toString());
    }

    @Override
    public void merged(MergedChunk chunk) {
        ByteBuffer payload = chunk.getPayload();
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        lines.add(chunk.getChannel() + " " + chunk.getVersion() + " " + chunk.getChunk() + " "
                + HexFormat.of().formatHex(bytes));
    }

    @Override
    public void ended(MergedEnd end) {
        lines.add(end.toString());
    }

    @Override
    public void retired(String channel, long version, int chunk) {
        lines.add("retired " + channel + " " + version + " " + chunk);
    }

    @Override
    public void dropped(String reason, String detail) {
        lines.add(reason + " " + detail);
    }

    @Override
    public void keyframe(KeyframeKey key, @Nullable SpecificRecord value) {
        byte[] written = value == null ? null : codec.write(value);
        keyframes.add(new Pair(codec.write(key), written == null ? null : Arrays.copyOf(written, written.length)));
    }
}
