package dev.weir.cli.planted;

import kafka.server.KafkaRaftServer;

/** Breaks a rule on purpose. */
public record CliKnowsTheBroker(KafkaRaftServer server) {}
