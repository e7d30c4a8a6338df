package dev.weir.clients;

import dev.weir.schemas.wire.RegistryException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** A client cannot go on. The message is one line: {@code OBJECT: problem; allowed; next step}. */
public final class ClientException extends RuntimeException {

    /** How a program may react. */
    public enum Reason {
        /** The caller asked for something that is not allowed. */
        INVALID,
        /** What was asked for is not there. */
        MISSING,
        /** What was asked for was there once and has been deleted as planned. */
        RETIRED,
        /** A newer publisher of the same run has taken over; this one is of no more use. */
        FENCED,
        /** Nothing came in time; it may come later. */
        TIMEOUT,
        /** What came is not what its digest says. */
        DAMAGED,
        /** Kafka, the registry or the disk refused. */
        FAILED
    }

    private final Reason reason;
    private final String object;
    private final String problem;
    private final String allowed;
    private final String next;

    /**
     * A failure.
     *
     * @param reason how a program may react
     * @param object what it is about, such as {@code run r1}
     * @param problem what is wrong with it
     * @param allowed what would be right; may be empty
     * @param next what to do; may be empty
     * @param cause what led to it; may be null
     */
    public ClientException(
            Reason reason, String object, String problem, String allowed, String next, @Nullable Throwable cause) {
        super(line(object, problem, allowed, next), cause);
        this.reason = reason;
        this.object = object;
        this.problem = problem;
        this.allowed = allowed;
        this.next = next;
    }

    /** A failure without a cause; see the other constructor. */
    public ClientException(Reason reason, String object, String problem, String allowed, String next) {
        this(reason, object, problem, allowed, next, null);
    }

    /**
     * What an error of Kafka's client means.
     *
     * @param object what was being worked on, such as {@code model mnist}
     * @param bootstrap the broker's address as it was given
     * @param error what Kafka's client threw
     */
    public static ClientException ofKafka(String object, String bootstrap, KafkaException error) {
        String detail = " (" + rootMessage(error) + ")";
        String broker = "broker " + bootstrap;
        if (has(error, ProducerFencedException.class) || has(error, InvalidProducerEpochException.class)) {
            return new ClientException(
                    Reason.FENCED,
                    object,
                    "fenced by a newer publisher of the same run, or idle for too long inside a transaction",
                    "allowed: one publisher at a time for each run",
                    "publish again once no other publisher of this run is at work",
                    error);
        }
        if (has(error, AuthenticationException.class) || has(error, AuthorizationException.class)) {
            return new ClientException(
                    Reason.FAILED,
                    object,
                    "refused by " + broker + detail,
                    "",
                    "check SASL, TLS and ACLs (docs/rights.md)",
                    error);
        }
        if (has(error, UnknownTopicOrPartitionException.class)) {
            return new ClientException(
                    Reason.MISSING, object, "has no such topic" + detail, "", "run `weir plan apply`", error);
        }
        if (has(error, TimeoutException.class)) {
            return new ClientException(
                    Reason.TIMEOUT,
                    broker,
                    "no answer in time" + detail,
                    "expected: a Kafka broker at this address",
                    "start one with `weir up`, or give its address",
                    error);
        }
        return new ClientException(Reason.FAILED, object, "failed at " + broker + detail, "", "", error);
    }

    /**
     * What an error of the registry means, in whose words the next step is.
     *
     * @param object what was being read, such as {@code topic mnist.runs}
     * @param error what the registry's client threw
     */
    public static ClientException ofRegistry(String object, RegistryException error) {
        return new ClientException(Reason.FAILED, object, String.valueOf(error.getMessage()), "", "", error);
    }

    /** Whether SASL, TLS or missing rights are why. */
    public boolean refused() {
        return has(this, AuthenticationException.class) || has(this, AuthorizationException.class);
    }

    /** Whether the same may succeed later without anybody changing anything: a broker or the registry is not there. */
    public boolean mayPass() {
        if (refused()) {
            return false;
        }
        for (Throwable at = getCause(); at != null; at = at.getCause()) {
            if (at instanceof RegistryException registry) {
                return registry.retriable();
            }
        }
        return reason == Reason.TIMEOUT || has(this, RetriableException.class);
    }

    /** How a program may react. */
    public Reason reason() {
        return reason;
    }

    /** What it is about. */
    public String object() {
        return object;
    }

    /** What is wrong with it. */
    public String problem() {
        return problem;
    }

    /** What would be right; may be empty. */
    public String allowed() {
        return allowed;
    }

    /** What to do; may be empty. */
    public String next() {
        return next;
    }

    private static boolean has(Throwable error, Class<? extends Throwable> type) {
        for (Throwable at = error; at != null; at = at.getCause()) {
            if (type.isInstance(at)) {
                return true;
            }
        }
        return false;
    }

    private static String rootMessage(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    private static String line(String object, String problem, String allowed, String next) {
        StringBuilder line = new StringBuilder(object).append(": ").append(problem);
        for (String part : new String[] {allowed, next}) {
            if (!part.isEmpty()) {
                line.append("; ").append(part);
            }
        }
        return line.toString();
    }
}
