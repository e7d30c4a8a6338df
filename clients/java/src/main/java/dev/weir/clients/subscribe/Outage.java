package dev.weir.clients.subscribe;

import dev.weir.clients.ClientException;
import dev.weir.schemas.wire.RegistryException;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** The time in which Kafka or the registry does not answer somebody who follows: told once, then waited for. */
final class Outage {
    /** The first wait; each further one is twice as long. */
    private static final long FIRST_WAIT_MS = 1_000;

    private static final long LONGEST_WAIT_MS = 30_000;

    private final Consumer<ClientException> told;
    private long waitMs;

    /** @param told of the first failure of each outage */
    Outage(Consumer<ClientException> told) {
        this.told = told;
    }

    /**
     * How long to wait before the next attempt.
     *
     * @return milliseconds
     * @throws ClientException that failure, if waiting does not help
     */
    long failed(ClientException failure) {
        if (!failure.mayPass()) {
            throw failure;
        }
        if (waitMs == 0) {
            told.accept(failure);
        }
        waitMs = waitMs == 0 ? FIRST_WAIT_MS : Math.min(2 * waitMs, LONGEST_WAIT_MS);
        return waitMs;
    }

    /** An attempt succeeded. */
    void over() {
        waitMs = 0;
    }

    /** As a failure of Kafka's or the registry's reached the caller; null: it is none of these. */
    static @Nullable ClientException of(RuntimeException failure, String object, String bootstrap) {
        if (failure instanceof ClientException known) {
            return known;
        }
        if (failure instanceof KafkaException kafka) {
            return ClientException.ofKafka(object, bootstrap, kafka);
        }
        if (failure instanceof RegistryException registry) {
            return ClientException.ofRegistry("registry", registry);
        }
        return null;
    }
}
