package dev.weir.it.fault;

import dev.weir.clients.Connection;
import dev.weir.clients.plan.PlanClient;
import dev.weir.it.fault.Fault.After;
import dev.weir.it.fault.Fault.Role;
import dev.weir.it.fixture.Cli;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.Registry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Four runs publish, two instances of merge with a standby each and two of coordinate work, and one fault after the other
 * happens to them, the next one as soon as a reader has seen output again. Then the log is checked.
 */
final class Soak implements AutoCloseable {
    static final int RUNS = 4;
    static final int PARTITIONS = 4;

    private static final String MODEL = "soak";
    private static final String CHANNELS = "{\"model\": \"soak\", \"channels\": ["
            + "{\"name\": \"ema-0.9\", \"operator\": \"ema\", \"settings\": {\"decay\": \"0.9\"}, \"retain\": 1000000},"
            + "{\"name\": \"mean\", \"operator\": \"swa\", \"emit-every\": 5, \"retain\": 1000000}]}";
    private static final Duration PATIENCE = Duration.ofSeconds(150);
    private static final Duration NOT_REACHED = Duration.ofSeconds(45);
    private static final int BURST = 8;

    private final Cluster cluster;
    private final long seed;
    private final Random random;
    private final Registry registry;
    private final Topics topics = new Topics(MODEL);
    private final Observer observer;
    private final Outputs outputs;
    private final List<Instance> instances = new ArrayList<>();
    private final Semaphore permits = new Semaphore(0);
    private final List<Run> runs = new ArrayList<>();
    private final List<Future<?>> trainers = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Result> results = new ArrayList<>();
    private final List<String> endedByThemselves = new ArrayList<>();
    private final List<String> notReached = new ArrayList<>();

    private Soak(Cluster cluster, long seed, Path dir) throws Exception {
        this.cluster = cluster;
        this.seed = seed;
        this.random = new Random(seed);
        cluster.weir(
                        "topics",
                        "apply",
                        "--model",
                        MODEL,
                        "--partitions",
                        Integer.toString(PARTITIONS),
                        "--replication",
                        Integer.toString(cluster.brokers()))
                .succeeded();
        Connection connection = cluster.connection();
        registry = connection.registryForWriting();
        Path agent = AgentJar.write(dir.resolve("agent.jar"));
        for (Role role : Role.values()) {
            for (String name : List.of("first", "second")) {
                Path home = dir.resolve(role.lowerCase() + "-" + name);
                instances.add(Instance.start(cluster, MODEL, role, name, home, agent));
            }
        }
        observer = new Observer(cluster, MODEL, PARTITIONS);
        await("the instances are ready", () -> instances.stream().allMatch(Instance::isReady));
        try (PlanClient plans = PlanClient.open(connection, MODEL)) {
            plans.propose(CHANNELS, PATIENCE);
        }
        outputs = new Outputs(cluster, registry.codec(), topics, PARTITIONS);
        for (int i = 0; i < RUNS; i++) {
            Run run = new Run(cluster, MODEL, "run-" + i, seed, permits);
            runs.add(run);
            trainers.add(threads.submit(run));
        }
    }

    static Soak start(Cluster cluster, long seed, Path dir) throws Exception {
        return new Soak(cluster, seed, dir);
    }

    /** Lets the faults happen, publishes at least so many checkpoints, and checks. */
    SoakReport run(List<Fault> faults, int checkpoints) throws Exception {
        long began = System.nanoTime();
        Thread pump = Thread.ofPlatform().daemon().start(this::pump);
        publish(2 * BURST);
        for (Fault fault : faults) {
            permits.release(BURST);
            happen(fault);
            System.out.println("soak: " + results.size() + " of " + faults.size() + ": " + results.getLast());
        }
        pump.interrupt();
        pump.join();
        permits.release((int) Math.max(0, checkpoints - accepted() - permits.availablePermits()));
        runs.forEach(Run::end);
        Map<String, Set<Long>> accepted = new TreeMap<>();
        for (int i = 0; i < RUNS; i++) {
            Future<?> trainer = trainers.get(i);
            await("run-" + i + " is through", Duration.ofMinutes(15), trainer::isDone);
            trainer.get();
            accepted.put("run-" + i, runs.get(i).accepted());
        }
        LogCheck.Findings findings = new LogCheck(cluster, registry.codec(), topics, PARTITIONS).check(seed, accepted);
        return new SoakReport(
                seed,
                cluster.brokers(),
                instances.size(),
                Duration.ofNanos(System.nanoTime() - began),
                results,
                endedByThemselves,
                notReached,
                runs.stream().mapToInt(Run::cutOff).sum(),
                findings,
                List.of(replay(1), replay(4)));
    }

    /** Publishes so many checkpoints and waits for them. */
    private void publish(int count) throws Exception {
        long until = accepted() + count;
        permits.release(count);
        await(count + " checkpoints are accepted", () -> accepted() >= until);
    }

    /** Something is always under way, and yet the number of checkpoints stays small. */
    private void pump() {
        try {
            while (true) {
                Thread.sleep(1_000);
                if (permits.availablePermits() < RUNS) {
                    permits.release();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void happen(Fault fault) throws Exception {
        switch (fault) {
            case Fault.Kill kill -> {
                Instance victim = busiest(kill.role());
                Thread.sleep(random.nextInt(600));
                victim.kill();
                mourn(kill, kill.kind(), kill.after(), victim, System.nanoTime());
            }
            case Fault.KillAt kill when kill.point().atWork() -> killAtWork(kill);
            case Fault.KillAt kill -> killAtStart(kill);
            case Fault.Pause pause -> pause(pause);
            case Fault.Bounce bounce -> bounce(bounce);
            case Fault.Fence fence -> fence(fence);
        }
        if (random.nextBoolean()) {
            await("the instances are ready", () -> instances.stream().allMatch(Instance::isReady));
        }
    }

    private void killAtWork(Fault.KillAt kill) throws Exception {
        Instance victim = busiest(kill.role());
        victim.arm(kill.point(), kill.pass());
        if (!poll(NOT_REACHED, () -> !victim.isAlive())) {
            notReached.add(kill + " of " + victim.name());
        } else {
            long died = System.nanoTime();
            victim.disarm();
            mourn(kill, kill.kind(), kill.after(), victim, died);
        }
        victim.disarm();
    }

    /** Killed at random, and again at a point while it starts. */
    private void killAtStart(Fault.KillAt kill) throws Exception {
        Instance victim = busiest(kill.role());
        victim.kill();
        Result first = dead(kill, "kill -9 at random", "restart", victim, System.nanoTime());
        if (kill.after().wipes()) {
            victim.wipe();
        }
        victim.arm(kill.point(), kill.pass());
        victim.start();
        boolean hit = poll(NOT_REACHED, () -> !victim.isAlive());
        long died = System.nanoTime();
        victim.disarm();
        results.add(first);
        if (hit) {
            mourn(kill, kill.kind(), kill.after(), victim, died);
        } else {
            notReached.add(kill + " of " + victim.name());
        }
    }

    private void mourn(Fault fault, String kind, After after, Instance victim, long died) throws Exception {
        Lost lost = lost(victim);
        Map<String, Long> open = observer.openTransaction(victim);
        boolean other =
                instances.stream().anyMatch(one -> one != victim && one.role() == victim.role() && one.isReady());
        if (after.wipes()) {
            victim.wipe();
        }
        boolean takeover = after.takesOver() && other;
        if (!takeover) {
            victim.start();
        }
        String done = (after.wipes() ? "disk wiped, " : "") + (takeover ? "taken over" : "restarted");
        results.add(recovered(fault, kind, done, victim.role() + "-" + victim.name(), open, lost, died));
        if (takeover) {
            victim.start();
        }
    }

    /** A death whose consequences are not waited for. */
    private Result dead(Fault fault, String kind, String after, Instance victim, long died) throws Exception {
        Lost lost = lost(victim);
        return new Result(
                fault,
                kind,
                after,
                victim.role() + "-" + victim.name(),
                observer.openTransaction(victim),
                lost.partitions().size(),
                OptionalLong.empty(),
                OptionalLong.empty());
    }

    private void pause(Fault.Pause pause) throws Exception {
        Instance victim = busiest(pause.role());
        Set<Integer> worksOn = observer.partitions(victim);
        victim.signal("STOP");
        long stopped = System.nanoTime();
        try {
            Lost lost = new Lost(pause.role(), worksOn, ends());
            Map<String, Long> open = observer.openTransaction(victim);
            Thread.sleep(Instance.SESSION_TIMEOUT_MS + 2_000 + random.nextInt(2_000));
            String name = victim.role() + "-" + victim.name();
            results.add(recovered(pause, pause.kind(), "taken over, then continued", name, open, lost, stopped));
        } finally {
            victim.signal("CONT");
        }
    }

    private void bounce(Fault.Bounce bounce) throws Exception {
        Lost lost = new Lost(Role.MERGE, new TreeSet<>(List.of(0, 1, 2, 3)), ends());
        long down = System.nanoTime();
        cluster.bounce(bounce.broker(), bounce.hard());
        results.add(
                recovered(bounce, bounce.kind(), "started again", "broker " + bounce.broker(), Map.of(), lost, down));
    }

    private void fence(Fault.Fence fence) throws Exception {
        Run run = runs.get(fence.run());
        int before = run.fenced();
        run.fence();
        await(run.name() + " is fenced", () -> run.fenced() > before);
        results.add(new Result(
                fence, fence.kind(), "", run.name(), Map.of(), 0, OptionalLong.empty(), OptionalLong.empty()));
    }

    /** What somebody worked on, and how long the topics were when he no longer did. */
    private record Lost(Role role, Set<Integer> partitions, Map<String, Map<Integer, Long>> ends) {
        long end(String topic, int partition) {
            return ends.get(topic).get(partition);
        }
    }

    private Lost lost(Instance victim) throws Exception {
        return new Lost(victim.role(), observer.partitions(victim), ends());
    }

    private Map<String, Map<Integer, Long>> ends() throws Exception {
        Map<String, Map<Integer, Long>> ends = new HashMap<>();
        for (String topic : List.of(topics.acks(), topics.decisions(), topics.merged(), topics.snapshots())) {
            ends.put(topic, observer.ends(topic));
        }
        return ends;
    }

    /** Waits until a read_committed reader has seen output of everything that was lost. */
    private Result recovered(
            Fault fault, String kind, String after, String who, Map<String, Long> open, Lost lost, long since)
            throws Exception {
        OptionalLong folded = OptionalLong.empty();
        OptionalLong visible = OptionalLong.empty();
        if (!lost.partitions().isEmpty()) {
            await("output after " + fault, () -> visible(lost, since).isPresent());
            folded = folded(lost, since);
            visible = visible(lost, since);
        }
        return new Result(
                fault, kind, after, who, open, lost.partitions().size(), ms(folded, since), ms(visible, since));
    }

    private OptionalLong folded(Lost lost, long since) {
        return lost.role() == Role.COORDINATE
                ? outputs.decided(lost.end(topics.decisions(), 0), since)
                : last(lost.partitions().stream()
                        .map(partition -> outputs.folded(partition, lost.end(topics.acks(), 0), since))
                        .toList());
    }

    private OptionalLong visible(Lost lost, long since) {
        return lost.role() == Role.COORDINATE
                ? outputs.manifest(lost.end(topics.snapshots(), 0), since)
                : last(lost.partitions().stream()
                        .map(partition -> outputs.merged(partition, lost.end(topics.merged(), partition), since))
                        .toList());
    }

    /** The last of these, once all are there. */
    private static OptionalLong last(List<OptionalLong> times) {
        return times.stream().allMatch(OptionalLong::isPresent)
                ? times.stream().mapToLong(OptionalLong::getAsLong).max()
                : OptionalLong.empty();
    }

    private static OptionalLong ms(OptionalLong at, long since) {
        return at.isPresent()
                ? OptionalLong.of(TimeUnit.NANOSECONDS.toMillis(at.getAsLong() - since))
                : OptionalLong.empty();
    }

    /** The instance of a role that is at work and has the most partitions. */
    private Instance busiest(Role role) throws Exception {
        await("an instance of " + role + " has work", () -> !working(role).isEmpty());
        return working(role).getFirst();
    }

    private List<Instance> working(Role role) {
        Map<Instance, Integer> partitions = new HashMap<>();
        for (Instance instance : instances) {
            try {
                if (instance.role() == role && instance.isReady()) {
                    partitions.put(instance, observer.partitions(instance).size());
                }
            } catch (Exception brokerIsAway) {
                return List.of();
            }
        }
        return partitions.entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .sorted(Comparator.comparing((Map.Entry<Instance, Integer> entry) -> -entry.getValue())
                        .thenComparing(entry -> entry.getKey().name()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private long accepted() {
        return runs.stream().mapToLong(run -> run.accepted().size()).sum();
    }

    private void await(String what, BooleanSupplier condition) throws Exception {
        await(what, PATIENCE, condition);
    }

    private void await(String what, Duration limit, BooleanSupplier condition) throws Exception {
        if (!poll(limit, condition)) {
            throw new AssertionError("-Dweir.seed=" + seed + ": not within " + limit.toSeconds() + " s: " + what
                    + "; before: " + results + endedByThemselves);
        }
    }

    /** Meanwhile instances that ended by themselves are started again, and a trainer's failure is ours. */
    private boolean poll(Duration limit, BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            supervise();
            for (Future<?> trainer : trainers) {
                if (trainer.isDone()) {
                    trainer.get();
                }
            }
            Thread.sleep(20);
        }
        return true;
    }

    private void supervise() throws IOException {
        for (Instance instance : instances) {
            if (instance.endedByItself()) {
                endedByThemselves.add(instance.role() + "-" + instance.name() + ", "
                        + (results.isEmpty()
                                ? "at the start"
                                : "after " + results.getLast().kind()) + ": "
                        + instance.lastWords());
                instance.start();
            }
        }
    }

    private SoakReport.Replayed replay(int count) throws Exception {
        Cli.Result result =
                cluster.weir("replay", "--model", MODEL, "--verify", "--threads", Integer.toString(count), "--json");
        return new SoakReport.Replayed(
                count,
                result.exit() == 0,
                result.json().path("snapshots").asInt(),
                result.json().path("equal").asInt(),
                result.json().path("records").asLong());
    }

    @Override
    public void close() {
        threads.shutdownNow();
        instances.forEach(Instance::close);
        outputs.close();
        observer.close();
        registry.close();
    }
}
