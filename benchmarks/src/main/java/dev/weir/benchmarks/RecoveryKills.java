package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.TransactionState;

/** Kills the instance of merge that has all partitions, inside its transactions, and times what comes after. */
final class RecoveryKills implements AutoCloseable {
    private final RecoveryModel model;
    private final RecoveryProbe probe;
    private final Admin admin;
    private ApplicationProcess active;
    private long number;

    /** Who goes on. */
    enum After {
        SAME_DISK("sameDisk"),
        WIPED_DISK("wipedDisk"),
        STANDBY("standby");

        private final String word;

        After(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    /**
     * One recovery, in seconds from the kill.
     *
     * @param ready restarted: until all partitions are restored; a standby: until it has them
     * @param firstFolded until the first record of the log is folded as it comes
     * @param firstVisible until a read_committed reader has the first output
     * @param lastVisible the same of the last partition
     * @param transactionsOpen that the dead instance left
     */
    record Recovery(double ready, double firstFolded, double firstVisible, double lastVisible, long transactionsOpen) {}

    RecoveryKills(RecoveryModel model, RecoveryProbe probe, Admin admin) throws IOException, InterruptedException {
        this.model = model;
        this.probe = probe;
        this.admin = admin;
        this.active = model.merge("a");
        active.awaitRunning(RecoveryModel.PATIENCE);
    }

    Recovery measure(After after) throws IOException, InterruptedException, TimeoutException, ExecutionException {
        ApplicationProcess dying = active;
        ApplicationProcess standby = after == After.STANDBY ? standby() : null;
        number++;
        probe.begin(number, RecoveryModel.PATIENCE);
        long killed = System.nanoTime();
        dying.kill();
        long open = transactionsOpen();
        probe.end(number);
        if (standby == null) {
            if (after == After.WIPED_DISK) {
                dying.wipe();
            }
            active = model.merge(dying.instance());
        } else {
            active = standby;
        }
        active.await("a record is folded", now -> now.path("records").asLong() > 0, RecoveryModel.PATIENCE);
        double firstFolded = secondsSince(killed);
        active.awaitRunning(RecoveryModel.PATIENCE);
        double ready = secondsSince(killed);
        long[] visible = probe.visibleNanos(number, RecoveryModel.PATIENCE);
        return new Recovery(ready, firstFolded, (visible[0] - killed) / 1e9, (visible[1] - killed) / 1e9, open);
    }

    /** Another instance that holds everything and has nothing to do. */
    private ApplicationProcess standby() throws IOException, InterruptedException, ExecutionException {
        ApplicationProcess standby = model.merge(active.instance().equals("a") ? "b" : "a");
        // Both started from the same keyframe, so they are level when they have folded as many records.
        JsonNode has = active.await("its status", now -> now.has("records"), RecoveryModel.PATIENCE);
        long records = has.path("records").asLong() + has.path("foldedAgain").asLong();
        JsonNode caughtUp = standby.await(
                "it has folded " + records + " records",
                now -> now.path("foldedAgain").asLong() >= records,
                RecoveryModel.PATIENCE);
        if (caughtUp.path("records").asLong() != 0 || !hasAll(active.instance())) {
            throw new IllegalStateException("the standby was given a partition; needed: " + active.instance()
                    + " has all " + RecoveryModel.PARTITIONS);
        }
        return standby;
    }

    private boolean hasAll(String instance) throws ExecutionException, InterruptedException {
        String group = model.topics().mergeApplicationId();
        int partitions = 0;
        for (MemberDescription member : admin.describeConsumerGroups(List.of(group)).all().get().values().stream()
                .flatMap(described -> described.members().stream())
                .toList()) {
            if (member.groupInstanceId().orElse("").startsWith(instance + "-")) {
                partitions += member.assignment().topicPartitions().size();
            }
        }
        return partitions == RecoveryModel.PARTITIONS;
    }

    private long transactionsOpen() throws ExecutionException, InterruptedException {
        return admin.listTransactions().all().get().stream()
                .filter(transaction -> transaction.state() == TransactionState.ONGOING)
                .filter(transaction ->
                        transaction.transactionalId().startsWith(model.topics().mergeApplicationId() + "-"))
                .count();
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }

    @Override
    public void close() {
        active.close();
    }
}
