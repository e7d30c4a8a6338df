package dev.weir.topology.store;

import org.apache.kafka.common.TopicPartition;

/** Tells where a partition's log begins now. */
@FunctionalInterface
public interface LogStart {
    /** Smallest offset that can still be read. */
    long offset(TopicPartition partition);
}
