package dev.weir.cli.baseline;

import dev.weir.cli.WeirException;
import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.log.LogReader;
import dev.weir.clients.plan.PlanClient;
import dev.weir.clients.promote.PromotionLog;
import dev.weir.clients.publish.RunLog;
import dev.weir.operators.Bcwi;
import dev.weir.operators.Operator;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import dev.weir.topology.coordinate.BaselineRun;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.plan.PlanFormat;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * Waits until the baseline in service is pinned, where the plan in force mixes with it: only then does the next checkpoint
 * have versions of those channels.
 */
public final class PinWait {
    private static final Duration POLL = Duration.ofMillis(100);

    private final RecordCodec codec;
    private final LongPredicate wanted;
    private long next;
    private boolean pinned;
    private String refusal = "";
    /** When the oldest decision that is kept was written. */
    private long keptSinceMs = Long.MAX_VALUE;

    private PinWait(RecordCodec codec, LongPredicate wanted) {
        this.codec = codec;
        this.wanted = wanted;
    }

    /** @throws WeirException if it takes longer than the patience, or the baseline is refused */
    public static void await(Connection connection, String model, Duration patience) {
        Optional<String> plan;
        try (PlanClient plans = PlanClient.open(connection, model)) {
            plan = plans.inForce();
        }
        plan.map(PlanFormat::parse).ifPresent(inForce -> await(connection, model, inForce, patience));
    }

    /**
     * As {@link #await(Connection, String, Duration)}, for who knows the plan in force.
     *
     * @throws WeirException if it takes longer than the patience, or the baseline is refused
     */
    public static void await(Connection connection, String model, Plan plan, Duration patience) {
        List<Bcwi> mixes = mixes(plan);
        if (mixes.isEmpty()) {
            return;
        }
        boolean follows = mixes.stream().anyMatch(mix -> !mix.keepBaseline());
        try (Registry registry = connection.registryForReading();
                LogReader promotions = log(connection, Connection.topics(model).promotions());
                LogReader decisions = log(connection, Connection.topics(model).decisions())) {
            PromotionLog verdicts = new PromotionLog(promotions, registry.codec());
            verdicts.catchUp(verdict -> {});
            Optional<Promotion> baseline = verdicts.inForce();
            if (baseline.isPresent()) {
                long number = baseline.get().getNumber();
                PinWait wait = new PinWait(registry.codec(), step -> !follows || step == number);
                long sinceMs = follows ? verdicts.inForceSinceMs() : 0;
                long begin = decisions.begin();
                wait.read(decisions, begin);
                // Decisions are kept for days, and this one may be among those that are gone; one that is on its way is
                // awaited.
                wait.keptSinceMs = Math.min(wait.keptSinceMs, System.currentTimeMillis() - patience.toMillis());
                if (!wait.pinned
                        && (begin == 0
                                || !wait.keptSinceAfter(
                                        RunLog.openedMs(connection, model, BaselineRun.NAME), sinceMs))) {
                    wait.await(decisions, model, patience);
                }
            }
        } catch (KafkaException e) {
            throw ClientException.ofKafka("model " + model, connection.bootstrap(), e);
        }
    }

    private static LogReader log(Connection connection, String topic) {
        return new LogReader(connection.consumer("read_committed", Map.of()), topic, connection);
    }

    private static List<Bcwi> mixes(Plan plan) {
        return plan.channels().stream()
                .map(ChannelPlan::create)
                .<Bcwi>mapMulti((Operator operator, java.util.function.Consumer<Bcwi> to) -> {
                    if (operator instanceof Bcwi bcwi) {
                        to.accept(bcwi);
                    }
                })
                .toList();
    }

    /** Whether weights that were sent then were sent for the baseline in force, and decided before what is kept. */
    private boolean keptSinceAfter(long sentMs, long inForceSinceMs) {
        return sentMs >= inForceSinceMs && sentMs < keptSinceMs;
    }

    private void read(LogReader decisions, long from) {
        long end = decisions.end();
        if (from < end) {
            decisions.read(from, end, this::take);
        }
        next = Math.max(from, end);
    }

    private void await(LogReader decisions, String model, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!pinned && System.nanoTime() < deadline) {
            pause();
            read(decisions, next);
        }
        if (pinned) {
            return;
        }
        throw new WeirException(
                "model " + model,
                "its baseline was not pinned within " + patience.toSeconds() + " s"
                        + (refusal.isEmpty() ? "" : " (" + refusal + ")"),
                "channels that mix with it emit nothing until then",
                "see weir status, and the log of coordinate");
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        keptSinceMs = Math.min(keptSinceMs, record.timestamp());
        decision(codec, record)
                .filter(found -> found.getRun().equals(BaselineRun.NAME) && wanted.test(found.getStep()))
                .ifPresent(found -> {
                    pinned |= isPin(found);
                    refusal = found.getReason();
                });
    }

    private static void pause() {
        try {
            Thread.sleep(POLL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException(
                    ClientException.Reason.FAILED, "the pin of the baseline", "was interrupted", "", "", e);
        }
    }

    /** A repetition says the same as the acceptance before it. */
    private static boolean isPin(Decision decision) {
        return decision.getVerdict() == Verdict.COMMIT || decision.getReason().startsWith("duplicate:");
    }

    private static Optional<Decision> decision(RecordCodec codec, ConsumerRecord<byte[], byte[]> record) {
        try {
            return record.value() != null
                            && codec.read(record.value(), record.headers(), false) instanceof Decision found
                    ? Optional.of(found)
                    : Optional.empty();
        } catch (BadRecordException foreign) {
            return Optional.empty();
        }
    }
}
