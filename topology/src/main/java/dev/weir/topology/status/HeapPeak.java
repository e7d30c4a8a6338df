package dev.weir.topology.status;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/**
 * The most bytes of heap that this process has used at once since this was made. What is used grows until a collection begins,
 * so the most of what there was before each is the peak. The pools' own peaks are of different times, and their sum can exceed
 * the heap.
 */
public final class HeapPeak {
    private final Set<String> pools = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getName)
            .collect(Collectors.toUnmodifiableSet());
    private final AtomicLong bytes = new AtomicLong();

    /** Begins to listen to the collectors of this process, to which it belongs until its end. */
    public HeapPeak() {
        ManagementFactory.getGarbageCollectorMXBeans().forEach(collector -> {
            if (collector instanceof NotificationEmitter emitter) {
                emitter.addNotificationListener(
                        (notification, self) -> {
                            if (notification.getUserData() instanceof CompositeData data) {
                                collected(GarbageCollectionNotificationInfo.from(data));
                            }
                        },
                        notification -> notification
                                .getType()
                                .equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION),
                        null);
            }
        });
    }

    /** The most bytes, among them what is used now. */
    public long bytes() {
        return bytes.accumulateAndGet(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(), Math::max);
    }

    private void collected(GarbageCollectionNotificationInfo collection) {
        long used = collection.getGcInfo().getMemoryUsageBeforeGc().entrySet().stream()
                .filter(pool -> pools.contains(pool.getKey()))
                .mapToLong(pool -> pool.getValue().getUsed())
                .sum();
        bytes.accumulateAndGet(used, Math::max);
    }
}
