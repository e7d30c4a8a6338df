package dev.weir.operators.planted;

import org.apache.kafka.common.TopicPartition;

/** Breaks a rule on purpose. */
public record OperatorsKnowsKafka(TopicPartition partition) {}
