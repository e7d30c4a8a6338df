package dev.weir.clients.plan;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.PlanKey;
import dev.weir.schemas.record.PlanProposal;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/** Proposes plans to the coordinator of a model, and reads the one in force. Plans travel as JSON text. */
public final class PlanClient implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final Connection connection;
    private final String model;
    private final Topics topics;
    private final Registry registry;
    private final RecordCodec codec;

    private PlanClient(Connection connection, String model, Registry registry) {
        this.connection = connection;
        this.model = model;
        this.topics = Connection.topics(model);
        this.registry = registry;
        this.codec = registry.codec();
    }

    /**
     * Opens a client of a model that has topics.
     *
     * @throws ClientException if the broker or the registry does not answer, or the model has no topics
     */
    public static PlanClient open(Connection connection, String model) {
        try (Consumer<byte[], byte[]> consumer = connection.consumer("read_committed", Map.of())) {
            connection.partitionsOf(model, consumer);
        }
        return new PlanClient(connection, model, connection.registryForWriting());
    }

    /**
     * Proposes a plan and waits for the coordinator's answer.
     *
     * @return the decision number since which it is in force
     * @throws ClientException if it is refused, or no answer comes in time
     */
    public long propose(String planJson, Duration patience) {
        String proposal = UUID.randomUUID().toString();
        try (LogReader decisions = reader(topics.decisions())) {
            decisions.seek(decisions.end());
            send(new PlanProposal(1, proposal, planJson));
            long deadlineNanos = System.nanoTime() + patience.toNanos();
            while (System.nanoTime() < deadlineNanos) {
                for (ConsumerRecord<byte[], byte[]> record : decisions.poll(POLL)) {
                    if (read(record) instanceof Plan answer
                            && answer.getProposal().equals(proposal)) {
                        return accepted(answer);
                    }
                }
            }
        } catch (KafkaException e) {
            throw ClientException.ofKafka("model " + model, connection.bootstrap(), e);
        }
        throw new ClientException(
                ClientException.Reason.TIMEOUT,
                "model " + model,
                "its coordinator did not answer the plan within " + patience.toSeconds() + " s",
                "",
                "see `weir status`, or the port of its `weir run`, for whether it runs; the plan may still be taken");
    }

    /**
     * The plan in force as canonical JSON; empty before the first.
     *
     * @throws ClientException if the broker or the registry does not answer
     */
    public Optional<String> inForce() {
        AtomicReference<String> newest = new AtomicReference<>();
        try (LogReader plans = reader(topics.plans())) {
            plans.read(plans.begin(), plans.end(), record -> {
                if (read(record) instanceof Plan plan) {
                    newest.set(plan.getPlan());
                }
            });
        } catch (KafkaException e) {
            throw ClientException.ofKafka("model " + model, connection.bootstrap(), e);
        }
        return Optional.ofNullable(newest.get());
    }

    @Override
    public void close() {
        registry.close();
    }

    private long accepted(Plan answer) {
        if (!answer.getRefusal().isEmpty()) {
            throw new ClientException(
                    ClientException.Reason.INVALID, "model " + model, answer.getRefusal(), "", "correct the plan");
        }
        return answer.getSeq();
    }

    private void send(PlanProposal proposal) {
        byte[] key = codec.write(new PlanKey(1, model, "proposed"));
        try (Producer<byte[], byte[]> producer = connection.producer(Map.of(), Map.of("acks", "all"))) {
            producer.send(new ProducerRecord<>(topics.plans(), key, codec.write(proposal)))
                    .get();
        } catch (ExecutionException e) {
            throw new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(e);
        }
    }

    private LogReader reader(String topic) {
        return new LogReader(connection.consumer("read_committed", Map.of()), topic, connection);
    }

    private @org.jspecify.annotations.Nullable SpecificRecord read(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return null;
        }
        try {
            return codec.read(record.value(), record.headers(), false);
        } catch (BadRecordException foreign) {
            return null;
        }
    }
}
