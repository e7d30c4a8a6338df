package dev.weir.cli.baseline;

import dev.weir.cli.WeirException;
import dev.weir.clients.Connection;
import dev.weir.clients.log.LogReader;
import dev.weir.clients.plan.PlanClient;
import dev.weir.clients.promote.Promotions;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongPredicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Waits until the baseline in service is pinned, where the plan in force mixes with it: only then does the next checkpoint
 * have versions of those channels.
 */
public final class PinWait {
    private static final Duration POLL = Duration.ofMillis(100);

    private PinWait() {}

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
        Optional<Promotion> baseline;
        try (Promotions promotions = Promotions.open(connection, model)) {
            baseline = promotions.baseline();
        }
        if (baseline.isEmpty()) {
            return;
        }
        long number = baseline.get().getNumber();
        boolean follows = mixes.stream().anyMatch(mix -> !mix.keepBaseline());
        pinned(connection, model, patience, step -> !follows || step == number);
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

    private static void pinned(Connection connection, String model, Duration patience, LongPredicate wanted) {
        long deadline = System.nanoTime() + patience.toNanos();
        AtomicReference<String> refusal = new AtomicReference<>("");
        try (Registry registry = connection.registryForReading();
                LogReader decisions = new LogReader(
                        connection.consumer("read_committed", Map.of()),
                        Connection.topics(model).decisions(),
                        connection)) {
            decisions.seek(decisions.begin());
            while (System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : decisions.poll(POLL)) {
                    Optional<Decision> decision = decision(registry.codec(), record)
                            .filter(found -> found.getRun().equals(BaselineRun.NAME) && wanted.test(found.getStep()));
                    if (decision.filter(PinWait::isPin).isPresent()) {
                        return;
                    }
                    decision.ifPresent(found -> refusal.set(found.getReason()));
                }
            }
        }
        throw new WeirException(
                "model " + model,
                "its baseline was not pinned within " + patience.toSeconds() + " s"
                        + (refusal.get().isEmpty() ? "" : " (" + refusal.get() + ")"),
                "channels that mix with it emit nothing until then",
                "see weir status, and the log of coordinate");
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
