package dev.weir.clients.planted;

import dev.weir.topology.plan.Plan;

/** Breaks a rule on purpose. */
public record ClientsKnowsTopology(Plan plan) {}
