package dev.weir.clients.promote;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionRequest;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/** Writes a request into the log of predictions and waits for the verdict that repeats its id. */
final class RequestSender {

    private static final Duration POLL = Duration.ofMillis(200);

    private final Supplier<Producer<byte[], byte[]>> producers;
    private final String model;
    private final RecordCodec codec;
    private final LogReader verdicts;

    RequestSender(Supplier<Producer<byte[], byte[]>> producers, String model, RecordCodec codec, LogReader verdicts) {
        this.producers = producers;
        this.model = model;
        this.codec = codec;
        this.verdicts = verdicts;
    }

    Promotion ask(PromotionRequest request, Duration patience) {
        verdicts.seek(verdicts.end());
        send(request);
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        do {
            for (ConsumerRecord<byte[], byte[]> record : verdicts.poll(POLL)) {
                if (answers(record, request)) {
                    return codec.read(record.value(), Promotion.class);
                }
            }
        } while (System.nanoTime() - deadlineNanos < 0);
        throw new ClientException(
                ClientException.Reason.TIMEOUT,
                "model " + model,
                "its application `compatibility` did not answer the request within " + patience.toMillis() + " ms",
                "",
                "see `weir status` for whether it runs; the request may still be taken");
    }

    private boolean answers(ConsumerRecord<byte[], byte[]> record, PromotionRequest request) {
        try {
            return record.value() != null
                    && codec.read(record.value(), Promotion.class).getRequest().equals(request.getRequest());
        } catch (BadRecordException foreign) {
            return false;
        }
    }

    private void send(PromotionRequest request) {
        String topic = Connection.topics(model).predictions();
        byte[] key = codec.write(new ModelKey(1, model));
        try (Producer<byte[], byte[]> producer = producers.get()) {
            producer.send(new ProducerRecord<>(topic, 0, key, codec.write(request)))
                    .get();
        } catch (ExecutionException e) {
            throw new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(e);
        }
    }
}
