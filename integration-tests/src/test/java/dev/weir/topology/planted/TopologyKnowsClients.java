package dev.weir.topology.planted;

import dev.weir.clients.Connection;

/** Breaks a rule on purpose. */
public record TopologyKnowsClients(Connection connection) {}
