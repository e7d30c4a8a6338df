package dev.weir.clients.promote;

import dev.weir.clients.Connection;
import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionVerdict;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;

/** A topic of verdicts without a broker. */
public final class VerdictLog {

    private static final TopicPartition LOG = new TopicPartition("mnist.promotions", 0);

    final RecordCodec codec = Registry.connect("mock://VerdictLog", Map.of()).codec();
    final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    final LogReader reader = new LogReader(consumer, LOG.topic(), new Connection("b:1", "mock://VerdictLog"));
    private long count;

    public VerdictLog() {
        consumer.updateBeginningOffsets(Map.of(LOG, 0L));
        consumer.updateEndOffsets(Map.of(LOG, 0L));
    }

    public PromotionLog log() {
        return new PromotionLog(reader, codec);
    }

    /** Adds the next verdict. */
    public Promotion add(PromotionVerdict verdict, String channel, long version, String request) {
        return add(verdict, new Subject(channel, version), new Subject("", 0L), request);
    }

    /** Adds the next verdict, over what was in service. */
    Promotion add(PromotionVerdict verdict, Subject subject, Subject before, String request) {
        Promotion promotion =
                new Promotion(1, count + 1, verdict, subject, before, "gate", "it is so", request, "{}", "{}");
        raw(codec.write(promotion));
        return promotion;
    }

    /** {@link #add(PromotionVerdict, String, long, String)} of one that answers no request. */
    public Promotion add(PromotionVerdict verdict, String channel, long version) {
        return add(verdict, channel, version, "");
    }

    void raw(byte[] value) {
        byte[] key = codec.write(new ModelKey(1, "mnist"));
        consumer.addRecord(new ConsumerRecord<>(LOG.topic(), 0, count++, key, value));
        consumer.updateEndOffsets(Map.of(LOG, count));
    }
}
