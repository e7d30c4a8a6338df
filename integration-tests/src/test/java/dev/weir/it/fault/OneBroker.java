package dev.weir.it.fault;

import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** The broker of {@code weir up}, which starts it again whenever it ends. */
final class OneBroker implements Cluster {
    /** {@code up} itself gives up at the third death within a minute. */
    private static final long BETWEEN_BOUNCES_NANOS = Duration.ofSeconds(31).toNanos();

    private final UpProcess up;
    private final Deque<Long> bounces = new ArrayDeque<>();

    private OneBroker(UpProcess up) {
        this.up = up;
    }

    static OneBroker start(Path dir) throws Exception {
        return new OneBroker(
                UpProcess.start(dir, Ports.free(), UpProcess.AS_PEOPLE_RUN_IT).awaitReady());
    }

    @Override
    public String bootstrap() {
        return up.bootstrap();
    }

    @Override
    public String registry() {
        return up.registry();
    }

    @Override
    public int brokers() {
        return 1;
    }

    @Override
    public long bounce(int broker, boolean hard) throws Exception {
        while (!bounces.isEmpty() && System.nanoTime() - bounces.getLast() < BETWEEN_BOUNCES_NANOS) {
            Thread.sleep(100);
        }
        bounces.add(System.nanoTime());
        ProcessHandle process = up.child("broker");
        if (hard) {
            process.destroyForcibly();
        } else {
            process.destroy();
        }
        process.onExit().join();
        long down = System.nanoTime();
        UpProcess.await(Duration.ofSeconds(90), () -> isAnother(process) && up.healthy());
        return down;
    }

    private boolean isAnother(ProcessHandle before) {
        try {
            return up.child("broker").pid() != before.pid();
        } catch (Exception | AssertionError notYet) {
            return false;
        }
    }

    @Override
    public void close() {
        up.close();
    }
}
