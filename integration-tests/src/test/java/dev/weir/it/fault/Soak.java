package dev.weir.it.fault;

import dev.weir.clients.plan.PlanClient;
import dev.weir.it.fault.Fault.After;
import dev.weir.it.fault.Fault.Role;
import dev.weir.it.fixture.Cli;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.Registry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Four runs publish, two instances of merge with a standby each and two of coordinate work, and one fault after the other
 * happens to them, the next one as soon as a reader has seen output again. Then the log is checked.
 */
final class Soak implements AutoCloseable {
    static final int RUNS = 4;
    static final int PARTITIONS = 4;

    private static final String MODEL = "soak";
    private static final String PLAN = "{\"model\": \"soak\", \"channels\": ["
            + "{\"name\": \"ema-0.9\", \"operator\": \"ema\", \"settings\": {\"decay\": \"0.9\"}, \"retain\": 1000000},"
            + "{\"name\": \"mean\", \"operator\": \"swa\", \"emit-every\": 5, \"retain\": 1000000}]}";
    private static final Duration PATIENCE = Duration.ofSeconds(150);
    private static final Duration NOT_REACHED = Duration.ofSeconds(45);
    private static final Duration LAST_CHECKPOINTS = Duration.ofMinutes(15);
    private static final int BURST = 8;

    private final Cluster cluster;
    private final long seed;
    private final Random random;
    private final Topics topics = new Topics(MODEL);
    private final Registry registry;
    private final Observer observer;
    private final Instances instances;
    private final Outputs outputs;
    private final Workload workload;
    private final List<Result> results = new ArrayList<>();
    private final List<String> notReached = new ArrayList<>();

    private Soak(Cluster cluster, long seed, Path dir) throws Exception {
        this.cluster = cluster;
        this.seed = seed;
        this.random = new Random(seed);
        String replicas = Integer.toString(cluster.brokers());
        String partitions = Integer.toString(PARTITIONS);
        cluster.weir("topics", "apply", "--model", MODEL, "--partitions", partitions, "--replication", replicas)
                .succeeded();
        registry = cluster.connection().registryForWriting();
        observer = new Observer(cluster, MODEL, PARTITIONS);
        instances = Instances.start(cluster, MODEL, dir);
        outputs = new Outputs(cluster, registry.codec(), topics, PARTITIONS);
        try (PlanClient plans = PlanClient.open(cluster.connection(), MODEL)) {
            plans.propose(PLAN, PATIENCE);
        }
        workload = new Workload(cluster, MODEL, RUNS, seed);
        await("the instances are ready", instances::areReady);
    }

    static Soak start(Cluster cluster, long seed, Path dir) throws Exception {
        return new Soak(cluster, seed, dir);
    }

    /** Lets the faults happen, publishes at least so many checkpoints, and checks. */
    SoakReport run(List<Fault> faults, int checkpoints) throws Exception {
        long began = System.nanoTime();
        workload.publish(2 * BURST);
        await("the first checkpoints are accepted", () -> workload.accepted() >= BURST);
        for (int i = 0; i < faults.size(); i++) {
            workload.publish(BURST);
            happen(faults.get(i));
            System.out.println("soak: " + (i + 1) + " of " + faults.size() + ", " + workload.accepted()
                    + " checkpoints: " + results.getLast());
        }
        workload.end(checkpoints);
        await("the runs are through", LAST_CHECKPOINTS, workload::hasEnded);
        workload.check();
        CommittedLog log = CommittedLog.read(cluster, registry.codec(), topics, PARTITIONS);
        Map<String, Set<Long>> accepted = workload.acceptedSteps();
        LogCheck.Findings findings = LogCheck.check(log, seed, accepted);
        return new SoakReport(
                seed,
                cluster.brokers(),
                instances.count(),
                Duration.ofNanos(System.nanoTime() - began),
                results,
                instances.endedByThemselves(),
                notReached,
                workload.cutOff(),
                log,
                accepted,
                findings,
                List.of(replay(1), replay(4)));
    }

    private void happen(Fault fault) throws Exception {
        switch (fault) {
            case Fault.Kill kill -> {
                Instance victim = busiest(kill.role());
                Thread.sleep(random.nextInt(600));
                victim.kill();
                mourn(kill, kill.after(), victim, System.nanoTime());
            }
            case Fault.KillAt kill when kill.point().atWork() -> killAtWork(kill);
            case Fault.KillAt kill -> killAtStart(kill);
            case Fault.Pause pause -> pause(pause);
            case Fault.Bounce bounce -> bounce(bounce);
            case Fault.Fence fence -> fence(fence);
        }
        if (random.nextInt(3) == 0) {
            await("the instances are ready", instances::areReady);
        }
    }

    private void killAtWork(Fault.KillAt kill) throws Exception {
        Instance victim = busiest(kill.role());
        victim.arm(kill.point(), kill.pass());
        boolean hit = poll(NOT_REACHED, () -> !victim.isAlive());
        if (!hit) {
            victim.arm(kill.point(), 1);
            hit = poll(NOT_REACHED, () -> !victim.isAlive());
        }
        long died = System.nanoTime();
        victim.disarm();
        if (hit) {
            mourn(kill, kill.after(), victim, died);
        } else {
            notReached.add(kill + " of " + victim.title());
        }
    }

    /** Killed at random, and again at a point while it starts. */
    private void killAtStart(Fault.KillAt kill) throws Exception {
        Instance victim = busiest(kill.role());
        victim.kill();
        Fault random = new Fault.Kill(kill.role(), kill.after().wipes() ? After.WIPE : After.RESTART);
        int lost = observer.partitions(victim).size();
        OptionalLong notWaitedFor = OptionalLong.empty();
        Map<String, Long> open = observer.openTransaction(victim);
        if (kill.after().wipes()) {
            victim.wipe();
        }
        results.add(new Result(
                random, "killed again while it started", victim.title(), open, lost, notWaitedFor, notWaitedFor));
        victim.arm(kill.point(), kill.pass());
        victim.start();
        boolean hit = poll(NOT_REACHED, () -> !victim.isAlive());
        long died = System.nanoTime();
        victim.disarm();
        if (hit) {
            mourn(kill, kill.after(), victim, died);
        } else {
            notReached.add(kill + " of " + victim.title());
        }
    }

    private void mourn(Fault fault, After after, Instance victim, long died) throws Exception {
        Lost lost = lost(victim.role(), observer.partitions(victim));
        Map<String, Long> open = observer.openTransaction(victim);
        boolean takeover = after.takesOver() && instances.anotherIsReady(victim);
        if (after.wipes()) {
            victim.wipe();
        }
        if (!takeover) {
            victim.start();
        }
        String done = (after.wipes() ? "disk wiped, " : "") + (takeover ? "taken over" : "restarted");
        results.add(recovered(fault, done, victim.title(), open, lost, died));
        if (takeover) {
            victim.start();
        }
    }

    private void pause(Fault.Pause pause) throws Exception {
        Instance victim = busiest(pause.role());
        Set<Integer> worksOn = observer.partitions(victim);
        victim.signal("STOP");
        long stopped = System.nanoTime();
        try {
            Map<String, Long> open = observer.openTransaction(victim);
            Lost lost = lost(pause.role(), worksOn);
            Thread.sleep(Instance.SESSION_TIMEOUT_MS + 2_000 + random.nextInt(2_000));
            results.add(recovered(pause, "taken over, then continued", victim.title(), open, lost, stopped));
        } finally {
            victim.signal("CONT");
        }
    }

    private void bounce(Fault.Bounce bounce) throws Exception {
        Lost lost = lost(
                Role.MERGE, new TreeSet<>(IntStream.range(0, PARTITIONS).boxed().toList()));
        long down = cluster.bounce(bounce.broker(), bounce.hard());
        results.add(recovered(bounce, "started again", "broker " + bounce.broker(), Map.of(), lost, down));
    }

    private void fence(Fault.Fence fence) throws Exception {
        Run run = workload.run(fence.run());
        int before = run.fenced();
        run.fence();
        await(run.name() + " is fenced", () -> run.fenced() > before);
        OptionalLong none = OptionalLong.empty();
        results.add(new Result(fence, "the newer one goes on", run.name(), Map.of(), 0, none, none));
    }

    private Lost lost(Role role, Set<Integer> partitions) throws Exception {
        return Lost.now(role, partitions, topics, observer);
    }

    /** Waits until a read_committed reader has seen output of everything that was lost. */
    private Result recovered(Fault fault, String after, String who, Map<String, Long> open, Lost lost, long since)
            throws Exception {
        OptionalLong folded = OptionalLong.empty();
        OptionalLong visible = OptionalLong.empty();
        if (!lost.partitions().isEmpty()) {
            await(
                    "output after " + fault,
                    () -> lost.folded(outputs, since).isPresent()
                            && lost.visible(outputs, since).isPresent());
            folded = ms(lost.folded(outputs, since), since);
            visible = ms(lost.visible(outputs, since), since);
        }
        return new Result(fault, after, who, open, lost.partitions().size(), folded, visible);
    }

    private static OptionalLong ms(OptionalLong at, long since) {
        return at.isPresent()
                ? OptionalLong.of(TimeUnit.NANOSECONDS.toMillis(at.getAsLong() - since))
                : OptionalLong.empty();
    }

    private Instance busiest(Role role) throws Exception {
        AtomicReference<Instance> found = new AtomicReference<>();
        await("an instance of " + role + " has work", () -> {
            instances.busiest(role, observer).ifPresent(found::set);
            return found.get() != null;
        });
        return found.get();
    }

    private void await(String what, BooleanSupplier condition) throws Exception {
        await(what, PATIENCE, condition);
    }

    private void await(String what, Duration limit, BooleanSupplier condition) throws Exception {
        if (!poll(limit, condition)) {
            throw new AssertionError("-Dweir.seed=" + seed + ": not within " + limit.toSeconds() + " s: " + what
                    + "; before: " + results + instances.endedByThemselves());
        }
    }

    /** Meanwhile instances that ended by themselves are started again, and a trainer's failure is ours. */
    private boolean poll(Duration limit, BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            instances.supervise(
                    results.isEmpty()
                            ? "at the start"
                            : "after " + results.getLast().fault());
            workload.check();
            Thread.sleep(20);
        }
        return true;
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
        workload.close();
        instances.close();
        outputs.close();
        observer.close();
        registry.close();
    }
}
