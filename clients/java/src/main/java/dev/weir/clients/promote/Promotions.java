package dev.weir.clients.promote;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.Resources;
import dev.weir.clients.log.LogReader;
import dev.weir.schemas.record.ChannelStandings;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionAction;
import dev.weir.schemas.record.PromotionRequest;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.common.KafkaException;

/** Reads the verdicts on a model's candidates, and moves its baseline by hand. Not thread-safe. */
public final class Promotions implements AutoCloseable {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private final Connection connection;
    private final String model;
    private final Topics topics;
    private final RecordCodec codec;
    private final LogReader verdicts;
    private final Resources resources;

    private Promotions(
            Connection connection, String model, RecordCodec codec, LogReader verdicts, Resources resources) {
        this.connection = connection;
        this.model = model;
        this.topics = Connection.topics(model);
        this.codec = codec;
        this.verdicts = verdicts;
        this.resources = resources;
    }

    /**
     * Connects to a model's verdicts.
     *
     * @param connection where Kafka and the registry are
     * @param model a model that has a plan
     * @throws ClientException if the model has no topics, or Kafka or the registry fail
     */
    public static Promotions open(Connection connection, String model) {
        Topics topics = Connection.topics(model);
        Resources resources = new Resources();
        try {
            var consumer = connection.consumer("read_committed", Map.of());
            LogReader verdicts = resources.add(new LogReader(consumer, topics.promotions(), connection));
            connection.partitionsOf(model, consumer);
            RecordCodec codec = resources.add(connection.registryForWriting()).codec();
            return new Promotions(connection, model, codec, verdicts, resources);
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /**
     * Makes a version the baseline and waits for the answer.
     *
     * @param subject a complete version of a channel
     * @param who who asks
     * @param reason why
     * @param patience how long to wait for the answer
     * @return the answer, whose verdict is PROMOTED or REFUSED
     * @throws ClientException if it is a raw checkpoint, no answer comes in time, or Kafka fails
     */
    public Promotion promote(Subject subject, String who, String reason, Duration patience) {
        if (subject.getChannel().isEmpty() || subject.getVersion() < 1) {
            throw new ClientException(
                    ClientException.Reason.INVALID,
                    "decision " + subject.getVersion(),
                    "is a raw checkpoint, of which there is no snapshot to serve",
                    "allowed: a version of a channel",
                    "add a channel with operator `ema` and `decay: 0`, which serves every checkpoint as it is");
        }
        return ask(PromotionAction.PROMOTE, subject, who, reason, patience);
    }

    /**
     * Makes the baseline before the one in force the baseline again, and waits for the answer.
     *
     * @return the answer, whose verdict is ROLLED_BACK or REFUSED
     * @throws ClientException if no answer comes in time, or Kafka fails
     */
    public Promotion rollback(String who, String reason, Duration patience) {
        return ask(PromotionAction.ROLLBACK, new Subject("", 0L), who, reason, patience);
    }

    /**
     * The same, refused if another baseline is in force than the one that is expected.
     *
     * @param from the baseline to go back from
     * @return the answer, whose verdict is ROLLED_BACK or REFUSED
     * @throws ClientException if no answer comes in time, or Kafka fails
     */
    public Promotion rollback(Subject from, String who, String reason, Duration patience) {
        return ask(PromotionAction.ROLLBACK, from, who, reason, patience);
    }

    /** The verdict whose subject is the baseline in force; empty before the first. */
    public Optional<Promotion> baseline() {
        PromotionLog log = new PromotionLog(verdicts, codec);
        guarded(() -> log.catchUp(verdict -> {}));
        return log.inForce();
    }

    /** Every verdict, the oldest first. */
    public List<Promotion> all() {
        List<Promotion> all = new ArrayList<>();
        guarded(() -> new PromotionLog(verdicts, codec).catchUp(all::add));
        return List.copyOf(all);
    }

    /**
     * Hands over every verdict, the oldest first, and new ones as they come.
     *
     * @param each told of every verdict
     * @param stop asked several times a second whether to return
     */
    public void follow(Consumer<Promotion> each, BooleanSupplier stop) {
        PromotionLog log = new PromotionLog(verdicts, codec);
        while (!stop.getAsBoolean()) {
            guarded(() -> log.catchUp(each));
            pause();
        }
    }

    /** The newest comparison of a candidate with a baseline. */
    public Optional<Compatibility> comparison(Subject candidate) {
        return newest(
                topics.compatibility(),
                Compatibility.class,
                found -> found.getCandidate().equals(candidate));
    }

    /** How the newest evaluated versions of the channels stand against one another; empty before two are evaluated. */
    public Optional<ChannelStandings> standings() {
        return newest(topics.standings(), ChannelStandings.class, found -> true);
    }

    private <T> Optional<T> newest(String topic, Class<T> type, Predicate<T> wanted) {
        AtomicReference<T> newest = new AtomicReference<>();
        try (LogReader log = new LogReader(connection.consumer("read_committed", Map.of()), topic, connection)) {
            log.read(log.begin(), log.end(), record -> {
                try {
                    if (record.value() != null) {
                        Object found = codec.read(record.value(), record.headers(), false);
                        if (type.isInstance(found) && wanted.test(type.cast(found))) {
                            newest.set(type.cast(found));
                        }
                    }
                } catch (BadRecordException foreign) {
                    return;
                }
            });
        } catch (KafkaException e) {
            throw ClientException.ofKafka("topic " + topic, connection.bootstrap(), e);
        }
        return Optional.ofNullable(newest.get());
    }

    @Override
    public void close() {
        resources.close();
    }

    private Promotion ask(PromotionAction action, Subject subject, String who, String reason, Duration patience) {
        PromotionRequest request = new PromotionRequest(1, UUID.randomUUID().toString(), action, subject, who, reason);
        Map<String, Object> required = Map.of("acks", "all", "enable.idempotence", true);
        try {
            return new RequestSender(() -> connection.producer(Map.of(), required), model, codec, verdicts)
                    .ask(request, patience);
        } catch (KafkaException e) {
            throw ClientException.ofKafka("model " + model, connection.bootstrap(), e);
        }
    }

    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (KafkaException e) {
            throw ClientException.ofKafka("topic " + topics.promotions(), connection.bootstrap(), e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_LOOKS.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException(ClientException.Reason.FAILED, "follow", "was interrupted", "", "", e);
        }
    }
}
