package dev.weir.topology.merge;

import dev.weir.schemas.wire.RecordCodec;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * The clients of the merge application: Kafka's own, whose consumers put the payloads of chunks off the heap as they come. To be
 * closed behind the application.
 */
public final class MergeClients implements KafkaClientSupplier, AutoCloseable {
    private final ReceivedMemory memory = new ReceivedMemory();
    private final String deltas;
    private final RecordCodec codec;

    /** @param deltas name of the topic */
    public MergeClients(String deltas, RecordCodec codec) {
        this.deltas = deltas;
        this.codec = codec;
    }

    /** Bytes off the heap that hold payloads or held some and are free: of all that waits in this process, and in flight. */
    public long receivedBytes() {
        return memory.bytes();
    }

    @Override
    public Admin getAdmin(Map<String, Object> config) {
        return Admin.create(config);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new PayloadDeserializer(deltas, codec, memory));
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
        return getConsumer(config);
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
        return getConsumer(config);
    }

    @Override
    public void close() {
        memory.close();
    }
}
