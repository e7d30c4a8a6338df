package dev.weir.topology;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.NullUnmarked;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends transactions that hang: open in a partition although the broker's transaction coordinator knows of none, as a killed
 * broker can leave them. Such a transaction never times out, and hides everything behind it from every read_committed
 * reader. One that the coordinator knows is left alone, however old.
 */
@NullUnmarked // Kafka answers for every partition asked about.
final class HangingTransactions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HangingTransactions.class);
    private static final long EVERY_MS = 2_000;
    private static final Set<TransactionState> LIVE = Set.of(
            TransactionState.ONGOING,
            TransactionState.PREPARE_ABORT,
            TransactionState.PREPARE_COMMIT,
            TransactionState.PREPARE_EPOCH_FENCE,
            TransactionState.UNKNOWN);

    private final Admin admin;
    private final Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    private final Map<TopicPartition, Long> stuckAt = new HashMap<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("weir-hanging-transactions").factory());

    /** Looks every two seconds until it is closed. */
    HangingTransactions(Admin admin, List<TopicPartition> partitions) {
        this.admin = admin;
        partitions.forEach(partition -> ends.put(partition, OffsetSpec.latest()));
        thread.scheduleWithFixedDelay(this::look, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void look() {
        try {
            Map<TopicPartition, ListOffsetsResultInfo> all = ends(IsolationLevel.READ_UNCOMMITTED);
            Map<TopicPartition, ListOffsetsResultInfo> visible = ends(IsolationLevel.READ_COMMITTED);
            for (TopicPartition partition : ends.keySet()) {
                long stable = visible.get(partition).offset();
                if (stable >= all.get(partition).offset()) {
                    stuckAt.remove(partition);
                } else if (Long.valueOf(stable).equals(stuckAt.put(partition, stable))) {
                    endHanging(partition);
                }
            }
        } catch (ExecutionException | RuntimeException later) {
            LOG.debug("transactions could not be looked at", later);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private void endHanging(TopicPartition partition) throws ExecutionException, InterruptedException {
        for (ProducerState producer : admin.describeProducers(List.of(partition))
                .partitionResult(partition)
                .get()
                .activeProducers()) {
            OptionalLong start = producer.currentTransactionStartOffset();
            if (start.isPresent() && !known(producer.producerId())) {
                LOG.warn(
                        "{}: the transaction of producer {} hangs since offset {}; ending it",
                        partition,
                        producer.producerId(),
                        start.getAsLong());
                admin.abortTransaction(new AbortTransactionSpec(
                                partition,
                                producer.producerId(),
                                (short) producer.producerEpoch(),
                                producer.coordinatorEpoch().orElse(0)))
                        .all()
                        .get();
            }
        }
    }

    private boolean known(long producerId) throws ExecutionException, InterruptedException {
        return admin
                .listTransactions(new ListTransactionsOptions().filterProducerIds(Set.of(producerId)))
                .all()
                .get()
                .stream()
                .anyMatch(transaction -> LIVE.contains(transaction.state()));
    }

    private Map<TopicPartition, ListOffsetsResultInfo> ends(IsolationLevel isolation)
            throws ExecutionException, InterruptedException {
        return admin.listOffsets(ends, new ListOffsetsOptions(isolation)).all().get();
    }
}
