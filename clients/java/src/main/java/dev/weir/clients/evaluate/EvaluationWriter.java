package dev.weir.clients.evaluate;

import dev.weir.clients.ClientException;
import dev.weir.schemas.record.EvaluationEnd;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.wire.RecordCodec;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/** Writes evaluations: records of predictions as rows come, and an end record when all of them are acknowledged. */
final class EvaluationWriter {

    private final Producer<byte[], byte[]> producer;
    private final RecordCodec codec;
    private final String topic;
    private final byte[] key;
    private final String evaluator;

    EvaluationWriter(
            Producer<byte[], byte[]> producer, RecordCodec codec, String topic, String model, String evaluator) {
        this.producer = producer;
        this.codec = codec;
        this.topic = topic;
        this.key = codec.write(new ModelKey(1, model));
        this.evaluator = evaluator;
    }

    /** How many examples were written, each id once. */
    long write(Subject subject, Iterator<PredictionRow> rows) {
        if (!rows.hasNext()) {
            throw new ClientException(
                    ClientException.Reason.INVALID,
                    "evaluation",
                    "has no predictions",
                    "allowed: one example at least",
                    "evaluate the version on some");
        }
        AtomicReference<Exception> failure = new AtomicReference<>();
        IdSet ids = new IdSet();
        PredictionBatch batch = new PredictionBatch();
        while (rows.hasNext()) {
            PredictionRow row = rows.next();
            if (!batch.takes(row)) {
                send(batch.take(subject, evaluator), failure);
            }
            batch.add(row);
            ids.add(row.id());
        }
        send(batch.take(subject, evaluator), failure);
        flush(failure);
        send(new EvaluationEnd(1, subject, evaluator, (long) ids.size()), failure);
        flush(failure);
        return ids.size();
    }

    private void send(SpecificRecord value, AtomicReference<Exception> failure) {
        check(failure);
        producer.send(new ProducerRecord<>(topic, 0, key, codec.write(value)), (metadata, e) -> {
            if (e != null && failure.get() == null) {
                failure.set(e);
            }
        });
    }

    private void flush(AtomicReference<Exception> failure) {
        try {
            producer.flush();
        } catch (InterruptException e) {
            throw new ClientException(ClientException.Reason.FAILED, "evaluation", "was interrupted", "", "", e);
        }
        check(failure);
    }

    private static void check(AtomicReference<Exception> failure) {
        Exception e = failure.get();
        if (e != null) {
            throw e instanceof KafkaException kafka ? kafka : new KafkaException(e);
        }
    }
}
