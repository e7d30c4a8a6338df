package dev.weir.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** Measures {@link StreamCost} from {@link #begin} on. */
final class CostMeter {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final BenchBroker broker;
    private final double megabytes;
    private long beganNanos;
    private long clientNanos;
    private Duration brokerCpu = Duration.ZERO;
    private boolean begun;

    /** @param log what is read */
    CostMeter(BenchBroker broker, StreamLog log) {
        this.broker = broker;
        this.megabytes = log.payloadBytes() / 1e6;
    }

    /** Begins, unless another thread did before. */
    synchronized void begin() {
        if (!begun) {
            begun = true;
            brokerCpu = broker.cpu();
            clientNanos = SYSTEM.getProcessCpuTime();
            beganNanos = System.nanoTime();
        }
    }

    /** What it cost so far. */
    synchronized StreamCost cost() {
        return new StreamCost(
                megabytes,
                (System.nanoTime() - beganNanos) / 1e9,
                (SYSTEM.getProcessCpuTime() - clientNanos) / 1e9,
                broker.cpu().minus(brokerCpu).toNanos() / 1e9);
    }
}
