package dev.weir.clients.evaluate;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.Resources;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.wire.RecordCodec;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;

/**
 * Hands in what a model's versions predict. An evaluation that broke off is repeated from its beginning: examples count
 * once however often they come, and nothing counts before the end record says how many there are. Not thread-safe.
 *
 * <pre>{@code
 * try (Evaluator evaluator = Evaluator.open(connection, "mnist", "nightly");
 *         PredictionReader rows = PredictionReader.open(path)) {
 *     evaluator.evaluate(new Subject("ema-0.9", 60L), rows);
 * }
 * }</pre>
 */
public final class Evaluator implements AutoCloseable {

    private static final Duration CLOSING = Duration.ofSeconds(5);
    private static final int MAX_NAME = 100;

    private static final Map<String, Object> TUNING = Map.of(
            // Above what the topic allows, so that the broker, not the client, has the last word.
            "max.request.size",
            4 * 1024 * 1024,
            // Several records in a request; each has up to a thousand examples.
            "batch.size",
            512 * 1024,
            "linger.ms",
            5,
            // What may be in flight of an evaluation of any size.
            "buffer.memory",
            16L * 1024 * 1024);

    /** Without gaps and in order, so that the end record comes behind what it counts. */
    private static final Map<String, Object> REQUIRED = Map.of("acks", "all", "enable.idempotence", true);

    private final Connection connection;
    private final EvaluationWriter writer;
    private final Resources resources;

    private Evaluator(Connection connection, EvaluationWriter writer, Resources resources) {
        this.connection = connection;
        this.writer = writer;
        this.resources = resources;
    }

    /**
     * Connects to a model.
     *
     * @param connection where Kafka and the registry are
     * @param model a model that has a plan
     * @param evaluator who evaluates: 1 to 100 characters; the first evaluator of a version counts
     * @throws ClientException if a name is not allowed, the model has no topics, or Kafka or the registry fail
     */
    public static Evaluator open(Connection connection, String model, String evaluator) {
        String topic = Connection.topics(model).predictions();
        if (evaluator.isBlank() || evaluator.length() > MAX_NAME) {
            throw new ClientException(
                    ClientException.Reason.INVALID,
                    "evaluator \"" + evaluator + "\"",
                    "is no name of an evaluator",
                    "allowed: 1 to " + MAX_NAME + " characters",
                    "choose another name");
        }
        Resources resources = new Resources();
        try (var consumer = connection.consumer("read_committed", Map.of())) {
            connection.partitionsOf(model, consumer);
            RecordCodec codec = resources.add(connection.registryForWriting()).codec();
            Producer<byte[], byte[]> producer = connection.producer(TUNING, REQUIRED);
            resources.add(() -> producer.close(CLOSING));
            return new Evaluator(connection, new EvaluationWriter(producer, codec, topic, model, evaluator), resources);
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /**
     * Hands in a whole evaluation and returns when all of it is acknowledged.
     *
     * @param subject what was evaluated
     * @param rows its predictions, read once; an id may come again
     * @return how many examples they are, each id once
     * @throws ClientException if there is none, one is not allowed, or Kafka fails; nothing counts then
     */
    public long evaluate(Subject subject, Iterator<PredictionRow> rows) {
        try {
            return writer.write(subject, rows);
        } catch (KafkaException e) {
            throw ClientException.ofKafka("evaluation", connection.bootstrap(), e);
        }
    }

    /** {@link #evaluate(Subject, Iterator)} of any collection. */
    public long evaluate(Subject subject, Iterable<PredictionRow> rows) {
        return evaluate(subject, rows.iterator());
    }

    @Override
    public void close() {
        resources.close();
    }
}
