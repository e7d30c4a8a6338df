package dev.weir.it.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/** Runs that publish at the same time, as many checkpoints together as they are given permits. */
final class Workload implements AutoCloseable {
    private static final long PERMIT_EVERY_MS = 1_000;

    private final Semaphore permits = new Semaphore(0);
    private final List<Run> runs = new ArrayList<>();
    private final List<Future<?>> trainers = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Thread pump = Thread.ofPlatform().name("permits").daemon().unstarted(this::pump);

    Workload(Cluster cluster, String model, int count, long seed) {
        for (int i = 0; i < count; i++) {
            Run run = new Run(cluster, model, "run-" + i, seed, permits);
            runs.add(run);
            trainers.add(threads.submit(run));
        }
        pump.start();
    }

    Run run(int number) {
        return runs.get(number);
    }

    void publish(int checkpoints) {
        permits.release(checkpoints);
    }

    long accepted() {
        return runs.stream().mapToLong(run -> run.accepted().size()).sum();
    }

    /** By run, the steps of which its trainer was told that they are accepted. */
    Map<String, Set<Long>> acceptedSteps() {
        Map<String, Set<Long>> steps = new TreeMap<>();
        runs.forEach(run -> steps.put(run.name(), run.accepted()));
        return steps;
    }

    int cutOff() {
        return runs.stream().mapToInt(Run::cutOff).sum();
    }

    /** Publishes until there are so many, and no more then. */
    void end(int checkpoints) throws InterruptedException {
        pump.interrupt();
        pump.join();
        permits.release((int) Math.max(0, checkpoints - accepted() - permits.availablePermits()));
        runs.forEach(Run::end);
    }

    boolean hasEnded() {
        return trainers.stream().allMatch(Future::isDone);
    }

    /** Throws what a trainer failed with. */
    void check() throws Exception {
        for (Future<?> trainer : trainers) {
            if (trainer.isDone()) {
                trainer.get();
            }
        }
    }

    /** Something is always under way, and yet the number of checkpoints stays small. */
    private void pump() {
        try {
            while (true) {
                Thread.sleep(PERMIT_EVERY_MS);
                if (permits.availablePermits() < runs.size()) {
                    permits.release();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        pump.interrupt();
        threads.shutdownNow();
    }
}
