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
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.NullUnmarked;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends transactions that nobody else will end, for each hides everything behind it from every read_committed reader.
 *
 * <p>One of an application's instance that has left its group, because it is dead or was silent for a session timeout: its
 * tasks are somebody else's by now, but its transaction would stay open until its timeout. The producer is fenced. It need
 * not have written anything: one that holds offsets alone keeps the next owner of its partitions waiting for them.
 *
 * <p>One that hangs: open in a partition although the broker's transaction coordinator knows of none. Brokers leave such
 * when all replicas of a partition are gone at once (KAFKA-20734), and they never time out.
 */
@NullUnmarked // Kafka answers for every partition asked about.
final class OrphanedTransactions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanedTransactions.class);
    private static final long EVERY_MS = 1_000;
    /** The process's id and the thread's number. */
    private static final Pattern THREAD = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-\\d+");
    /** A coordinator that moves to another broker knows of none for a moment. */
    private static final int LOOKS_BEFORE_ABORT = 20;

    private static final Set<TransactionState> LIVE = Set.of(
            TransactionState.ONGOING,
            TransactionState.PREPARE_ABORT,
            TransactionState.PREPARE_COMMIT,
            TransactionState.PREPARE_EPOCH_FENCE,
            TransactionState.UNKNOWN);

    private final Admin admin;
    private final List<String> groups;
    private final Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    private final Map<TopicPartition, Stuck> stuckAt = new HashMap<>();
    private final Look fencing = new Look("dead instances' transactions are not fenced; "
            + "their output hides what is behind it until they time out");
    private final Look repair = new Look("hanging transactions are not ended; readers stop at them for ever");
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("weir-hanging-transactions").factory());

    /** Where readers stop, and in how many looks on end it was there. */
    private record Stuck(long offset, int looks) {}

    /**
     * Looks every second until it is closed.
     *
     * @param groups ids of the applications whose dead instances are fenced
     * @param partitions that they write to
     */
    OrphanedTransactions(Admin admin, List<String> groups, List<TopicPartition> partitions) {
        this.admin = admin;
        this.groups = List.copyOf(groups);
        partitions.forEach(partition -> ends.put(partition, OffsetSpec.latest()));
        thread.scheduleWithFixedDelay(this::look, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** What became of each of the two looks that ended last: empty, or why it was refused or failed. */
    record Health(String fencing, String repair) {}

    Health health() {
        return new Health(fencing.failure(), repair.failure());
    }

    /** One look's failure must not keep the other from being done: they need different rights. */
    void look() {
        try {
            fencing.attempt(this::fenceDead);
            repair.attempt(this::endHanging);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private void endHanging() throws ExecutionException, InterruptedException {
        Map<TopicPartition, ListOffsetsResultInfo> all = ends(IsolationLevel.READ_UNCOMMITTED);
        Map<TopicPartition, ListOffsetsResultInfo> visible = ends(IsolationLevel.READ_COMMITTED);
        for (TopicPartition partition : ends.keySet()) {
            long stable = visible.get(partition).offset();
            if (stable >= all.get(partition).offset()) {
                stuckAt.remove(partition);
            } else {
                Stuck before = stuckAt.get(partition);
                int looks = before != null && before.offset() == stable ? before.looks() + 1 : 1;
                stuckAt.put(partition, new Stuck(stable, looks));
                if (looks > LOOKS_BEFORE_ABORT) {
                    endHanging(partition);
                }
            }
        }
    }

    private void fenceDead() throws ExecutionException, InterruptedException {
        ListTransactionsOptions open = new ListTransactionsOptions()
                .filterStates(Set.of(TransactionState.ONGOING))
                .filterOnDuration(EVERY_MS);
        for (TransactionListing transaction : admin.listTransactions(open).all().get()) {
            String id = transaction.transactionalId();
            for (String group : groups) {
                if (belongs(id, group) && !isMember(group, id)) {
                    LOG.warn("{} has left its group and its transaction is open; fencing it", id);
                    admin.fenceProducers(List.of(id)).all().get();
                }
            }
        }
    }

    /**
     * Whether a transactional id is that of an application's thread: its group, its process's id, its number. The group of one
     * model may be the beginning of another's.
     */
    static boolean belongs(String transactionalId, String group) {
        return transactionalId.startsWith(group + "-")
                && THREAD.matcher(transactionalId.substring(group.length() + 1)).matches();
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

    /** Kafka Streams names clients and transactions alike: application, process, thread. */
    private boolean isMember(String group, String transactionalId) throws ExecutionException, InterruptedException {
        String process = transactionalId.substring(0, transactionalId.lastIndexOf('-') + 1);
        return admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get().members().stream()
                .map(MemberDescription::clientId)
                // A client id that was configured says nothing, so nothing is concluded from its process's absence.
                .anyMatch(client -> client.startsWith(process) || !client.startsWith(group + "-"));
    }

    /** Whether the broker's transaction coordinator knows a transaction of the producer as open. */
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

    private interface Work {
        void run() throws ExecutionException, InterruptedException;
    }

    /** Warns once for each reason on end that a look fails. */
    private static final class Look {
        private final String consequence;
        private volatile String failure = "";

        Look(String consequence) {
            this.consequence = consequence;
        }

        String failure() {
            return failure;
        }

        void attempt(Work work) throws InterruptedException {
            String now = "";
            try {
                work.run();
            } catch (ExecutionException | RuntimeException failed) {
                Throwable cause =
                        failed instanceof ExecutionException && failed.getCause() != null ? failed.getCause() : failed;
                now = cause.getClass().getSimpleName() + ": " + cause.getMessage();
            }
            if (!now.isEmpty() && !now.equals(failure)) {
                LOG.warn("{} ({}); tried again every second; see docs/rights.md", consequence, now);
            } else if (now.isEmpty() && !failure.isEmpty()) {
                LOG.info("transactions are looked after again");
            }
            failure = now;
        }
    }
}
