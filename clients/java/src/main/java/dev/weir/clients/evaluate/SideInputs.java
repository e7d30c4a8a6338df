package dev.weir.clients.evaluate;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.Resources;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.SideInput;
import dev.weir.schemas.wire.RecordCodec;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * Hands in numbers about checkpoints and versions: losses, counts of samples, scores. Of one name the first number stays. A
 * publisher gives those of its own checkpoints along with them. Not thread-safe.
 */
public final class SideInputs implements AutoCloseable {

    private static final Duration CLOSING = Duration.ofSeconds(5);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final Map<String, Object> REQUIRED = Map.of("acks", "all", "enable.idempotence", true);

    private final Connection connection;
    private final String topic;
    private final byte[] key;
    private final String source;
    private final Producer<byte[], byte[]> producer;
    private final RecordCodec codec;
    private final Resources resources;

    private SideInputs(
            Connection connection,
            String model,
            String source,
            Producer<byte[], byte[]> producer,
            RecordCodec codec,
            Resources resources) {
        this.connection = connection;
        this.topic = Connection.topics(model).sideInputs();
        this.key = codec.write(new ModelKey(1, model));
        this.source = source;
        this.producer = producer;
        this.codec = codec;
        this.resources = resources;
    }

    /**
     * Connects to a model.
     *
     * @param connection where Kafka and the registry are
     * @param model a model that has a plan
     * @param source who says so
     * @throws ClientException if the model has no topics, or Kafka or the registry fail
     */
    public static SideInputs open(Connection connection, String model, String source) {
        Resources resources = new Resources();
        try (var consumer = connection.consumer("read_committed", Map.of())) {
            connection.partitionsOf(model, consumer);
            RecordCodec codec = resources.add(connection.registryForWriting()).codec();
            Producer<byte[], byte[]> producer = connection.producer(Map.of(), REQUIRED);
            resources.add(() -> producer.close(CLOSING));
            return new SideInputs(connection, model, source, producer, codec, resources);
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /**
     * A number about a checkpoint, before it is decided; returns when it is acknowledged.
     *
     * @param name letters, digits, dots, underscores and hyphens; 100 characters at most
     * @param value finite
     * @throws ClientException if the name or the number is not allowed, or Kafka fails
     */
    public void ofCheckpoint(String run, long step, String name, double value) {
        send(checkpoint(run, step, name, value, source));
    }

    /**
     * A number about a version, such as the score of a candidate; returns when it is acknowledged.
     *
     * @param name as in {@link #ofCheckpoint}
     * @param value finite
     * @throws ClientException if the name or the number is not allowed, or Kafka fails
     */
    public void ofVersion(String channel, long version, String name, double value) {
        check(name, value);
        send(new SideInput(1, "", 0L, channel, version, name, value, source));
    }

    /** The record of a number about a checkpoint. */
    public static SideInput checkpoint(String run, long step, String name, double value, String source) {
        check(name, value);
        return new SideInput(1, run, step, "", 0L, name, value, source);
    }

    @Override
    public void close() {
        resources.close();
    }

    private void send(SideInput input) {
        try {
            producer.send(new ProducerRecord<>(topic, 0, key, codec.write(input)))
                    .get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw ClientException.ofKafka(
                    "side input",
                    connection.bootstrap(),
                    cause instanceof KafkaException kafka ? kafka : new KafkaException(cause));
        } catch (KafkaException e) {
            throw ClientException.ofKafka("side input", connection.bootstrap(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException(ClientException.Reason.FAILED, "side input", "was interrupted", "", "", e);
        }
    }

    private static void check(String name, double value) {
        if (!NAME.matcher(name).matches()) {
            throw new ClientException(
                    ClientException.Reason.INVALID,
                    "side input \"" + name + "\"",
                    "is no name of a side input",
                    "allowed: 1 to 100 letters, digits, dots, underscores and hyphens, the first a letter or a digit",
                    "correct the name");
        }
        if (!Double.isFinite(value)) {
            throw new ClientException(
                    ClientException.Reason.INVALID,
                    "side input " + name,
                    "is " + value,
                    "allowed: finite numbers",
                    "leave it out: the checkpoint then passes the channels that read it");
        }
    }
}
