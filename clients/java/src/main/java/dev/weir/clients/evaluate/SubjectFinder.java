package dev.weir.clients.evaluate;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Finds what a raw checkpoint is called in evaluations: the number of the decision that accepted it. */
public final class SubjectFinder {

    /** A repetition's decision names that of the acceptance, and may be there when that one no longer is. */
    private static final Pattern BEFORE = Pattern.compile("accepted before.* as decision (\\d+)");

    private final String run;
    private final long step;
    private final RecordCodec codec;
    private @Nullable Subject found;
    private String refusal = "";

    private SubjectFinder(String run, long step, RecordCodec codec) {
        this.run = run;
        this.step = step;
        this.codec = codec;
    }

    /**
     * The subject of a raw checkpoint.
     *
     * @throws ClientException if no decision that is still kept accepted it, or Kafka or the registry fail
     */
    public static Subject checkpoint(Connection connection, String model, String run, long step) {
        String topic = Connection.topics(model).decisions();
        var consumer = connection.consumer("read_committed", Map.of());
        try (LogReader log = new LogReader(consumer, topic, connection);
                Registry registry = connection.registryForReading()) {
            connection.partitionsOf(model, consumer);
            return checkpoint(log, registry.codec(), run, step);
        } catch (KafkaException e) {
            throw ClientException.ofKafka("topic " + topic, connection.bootstrap(), e);
        }
    }

    static Subject checkpoint(LogReader decisions, RecordCodec codec, String run, long step) {
        SubjectFinder finder = new SubjectFinder(run, step, codec);
        decisions.read(decisions.begin(), decisions.end(), finder::take);
        Subject found = finder.found;
        if (found == null) {
            throw finder.missing();
        }
        return found;
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        try {
            if (record.value() != null
                    && codec.read(record.value(), record.headers(), false) instanceof Decision decision
                    && decision.getRun().equals(run)
                    && decision.getStep() == step) {
                take(decision);
            }
        } catch (BadRecordException foreign) {
            return;
        }
    }

    private void take(Decision decision) {
        Matcher before = BEFORE.matcher(decision.getReason());
        if (decision.getVerdict() == Verdict.COMMIT) {
            found = new Subject("", decision.getSeq());
        } else if (before.find()) {
            found = new Subject("", Long.parseLong(before.group(1)));
        } else {
            refusal = decision.getReason();
        }
    }

    private ClientException missing() {
        String object = "run " + run + " step " + step;
        if (!refusal.isEmpty()) {
            return new ClientException(
                    ClientException.Reason.INVALID,
                    object,
                    "was not accepted: " + refusal,
                    "allowed: a checkpoint that was",
                    "evaluate another one");
        }
        return new ClientException(
                ClientException.Reason.MISSING,
                object,
                "has no decision",
                "decisions are kept for 7 days",
                "publish it, or publish it again: a repetition changes no average and brings the decision back");
    }
}
