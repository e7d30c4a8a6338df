package dev.weir.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.clients.ClientException;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.RawTrainer;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.topic.Topics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A trainer of one run that is cut off, fenced and goes on. It publishes a checkpoint for each permit that it gets, with a
 * few in flight.
 */
final class Run implements Runnable {
    /** Eight small chunks. */
    static final Layout LAYOUT = Layout.of(
            List.of(
                    new TensorSpec("bias", Dtype.F32, List.of(5L)),
                    new TensorSpec("embed", Dtype.F32, List.of(1_500L)),
                    new TensorSpec("head", Dtype.F32, List.of(3L, 7L))),
            256);

    private static final int IN_FLIGHT = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration GIVING_UP = Duration.ofMinutes(8);

    private final Cluster cluster;
    private final String model;
    private final String name;
    private final long seed;
    private final Semaphore permits;
    private final AtomicInteger fences = new AtomicInteger();
    private final Set<Long> accepted = new ConcurrentSkipListSet<>();
    private final ArrayDeque<Long> inFlight = new ArrayDeque<>();
    private volatile boolean ending;
    private volatile int fenced;
    private volatile int cutOff;
    private long newestPermitted;
    private long newestAccepted;

    /** @param permits one a checkpoint, shared with the other runs */
    Run(Cluster cluster, String model, String name, long seed, Semaphore permits) {
        this.cluster = cluster;
        this.model = model;
        this.name = name;
        this.seed = seed;
        this.permits = permits;
    }

    /** What a step of a run consists of. */
    static Weights weights(long seed, String run, long step) {
        return Weights.random(LAYOUT, seed * 31 + run.hashCode() * 1_000_003L + step);
    }

    String name() {
        return name;
    }

    /** Steps of which it was told that they are accepted and their snapshots complete. */
    Set<Long> accepted() {
        return accepted;
    }

    /** How often it was fenced as asked. */
    int fenced() {
        return fenced;
    }

    /** How often it lost its publisher to a fault and opened another. */
    int cutOff() {
        return cutOff;
    }

    void fence() {
        fences.incrementAndGet();
    }

    /** It ends when no permit is left and everything is accepted. */
    void end() {
        ending = true;
    }

    @Override
    public void run() {
        long since = System.nanoTime();
        while (!ending || newestAccepted < newestPermitted || permits.availablePermits() > 0) {
            long before = newestAccepted;
            Publisher[] publisher = {null};
            try {
                publisher[0] = open();
                publish(publisher);
            } catch (ClientException cut) {
                cutOff++;
                if (newestAccepted > before) {
                    since = System.nanoTime();
                }
                if (System.nanoTime() - since > GIVING_UP.toNanos()) {
                    throw new AssertionError(name + " is at step " + newestAccepted, cut);
                }
                pause(300);
            } finally {
                inFlight.clear();
                close(publisher[0]);
            }
        }
    }

    /** Returns when it is to end; the publisher in use may be exchanged. */
    private void publish(Publisher[] publisher) {
        long step = newestAccepted;
        while (true) {
            if (step < newestPermitted || permit()) {
                step++;
                publisher[0].send(step, weights(seed, name, step).source());
                inFlight.add(step);
                if (fences.get() > 0) {
                    publisher[0] = fence(publisher[0]);
                    step = newestAccepted;
                }
            } else if (inFlight.isEmpty() && ending && permits.availablePermits() == 0) {
                return;
            }
            if (inFlight.size() >= IN_FLIGHT || (!inFlight.isEmpty() && permits.availablePermits() == 0)) {
                await(publisher[0]);
            }
        }
    }

    private boolean permit() {
        try {
            boolean given = permits.tryAcquire(50, TimeUnit.MILLISECONDS);
            newestPermitted += given ? 1 : 0;
            return given;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void await(Publisher publisher) {
        long step = inFlight.remove();
        switch (publisher.await(step)) {
            case Outcome.Accepted yes -> {}
            case Outcome.Duplicate before -> {}
            case Outcome.Rejected no ->
                throw new AssertionError(name + " step " + step + " was rejected: " + no.reason());
        }
        accepted.add(step);
        newestAccepted = step;
    }

    /**
     * Opens a newer publisher while the older one has checkpoints under way. The older one must be refused by the broker,
     * and what is written in its epoch behind the broker's back must be dropped.
     */
    private Publisher fence(Publisher older) {
        Publisher newer = open();
        try {
            long next = newestPermitted + 1;
            Weights wrong = weights(seed + 1, name, next);
            try {
                older.send(next, wrong.source());
                throw new AssertionError(name + " epoch " + older.epoch() + " was not fenced");
            } catch (ClientException refused) {
                assertThat(refused.reason()).isEqualTo(ClientException.Reason.FENCED);
            }
            zombie(older.epoch(), next, wrong);
            inFlight.clear();
            fences.decrementAndGet();
            fenced++;
        } catch (ClientException | AssertionError e) {
            close(newer);
            throw e;
        }
        close(older);
        return newer;
    }

    private void zombie(long epoch, long step, Weights wrong) {
        try (var registry = cluster.connection().registryForWriting();
                RawTrainer raw =
                        RawTrainer.of(cluster.connection(), new Topics(model), registry.codec(), name, epoch, LAYOUT)) {
            raw.chunks(step, wrong);
            raw.ends(step, wrong, 0);
        } catch (ClientException e) {
            throw e;
        } catch (Exception e) {
            throw new ClientException(ClientException.Reason.FAILED, "zombie", e.toString(), "", "", e);
        }
    }

    private Publisher open() {
        return Publisher.open(cluster.connection(), model, name, LAYOUT, PATIENCE);
    }

    private static void close(@Nullable Publisher publisher) {
        if (publisher != null) {
            try {
                publisher.close();
            } catch (ClientException alreadyCutOff) {
                // What it lost is sent again by the next one.
            }
        }
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
