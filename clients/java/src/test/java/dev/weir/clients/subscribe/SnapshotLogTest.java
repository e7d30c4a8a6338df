package dev.weir.clients.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.clients.Connection;
import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.SnapshotKey;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

final class SnapshotLogTest {

    private static final TopicPartition LOG = new TopicPartition("mnist.snapshots", 0);

    private final RecordCodec codec =
            Registry.connect("mock://SnapshotLogTest", Map.of()).codec();
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final SnapshotLog log = new SnapshotLog(
            new LogReader(consumer, LOG.topic(), new Connection("b:1", "mock://SnapshotLogTest")), codec);
    private long offset;

    @Test
    void aTombstoneTakesItsManifestAway() {
        put("ema", 1);
        put("ema", 2);
        remove("ema", 1);
        end();

        assertThat(log.all(key -> true)).extracting(Manifest::getVersion).containsExactly(2L);
    }

    @Test
    void anEmptyLogHasNoVersions() {
        end();

        assertThat(log.newest(key -> true)).isEmpty();
    }

    @Test
    void theNewestIsFoundAtTheEnd() {
        for (int version = 1; version <= 100; version++) {
            put("ema", version);
        }
        end();

        assertThat(log.newest(key -> key.getChannel().equals("ema")))
                .extracting(Manifest::getVersion)
                .hasSize(64)
                .contains(100L);
    }

    @Test
    void changesAreToldInTheirOrderAndOnce() {
        List<String> told = new ArrayList<>();
        put("ema", 1);
        put("swa", 1);
        put("ema", 2);
        end();
        changes(0, told);
        remove("ema", 1);
        end();
        changes(3, told);

        assertThat(told).containsExactly("1", "2", "1 retired");
    }

    private void changes(long from, List<String> told) {
        log.changes(
                from,
                offset,
                key -> key.getChannel().equals("ema"),
                (key, manifest) -> told.add(key.getVersion() + (manifest == null ? " retired" : "")));
    }

    private void put(String channel, long version) {
        byte[] value = codec.write(Snapshots.manifest(channel, version));
        consumer.addRecord(new ConsumerRecord<>(LOG.topic(), 0, offset++, key(channel, version), value));
    }

    private void remove(String channel, long version) {
        consumer.addRecord(new ConsumerRecord<>(LOG.topic(), 0, offset++, key(channel, version), null));
    }

    private byte[] key(String channel, long version) {
        return codec.write(new SnapshotKey(1, channel, version));
    }

    private void end() {
        consumer.updateBeginningOffsets(Map.of(LOG, 0L));
        consumer.updateEndOffsets(Map.of(LOG, offset));
    }
}
