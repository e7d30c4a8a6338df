package dev.weir.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** Measures {@link StreamCost} from {@link #begin} on. */
final class CostMeter {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final BenchBroker broker;
    private long beganNanos;
    private long clientNanos;
    private Duration brokerCpu = Duration.ZERO;
    private boolean begun;

    CostMeter(BenchBroker broker) {
        this.broker = broker;
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
                (System.nanoTime() - beganNanos) / 1e9,
                (SYSTEM.getProcessCpuTime() - clientNanos) / 1e9,
                broker.cpu().minus(brokerCpu).toNanos() / 1e9);
    }
}
