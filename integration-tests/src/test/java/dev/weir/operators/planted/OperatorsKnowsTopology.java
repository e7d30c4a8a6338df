package dev.weir.operators.planted;

import dev.weir.topology.plan.Plan;

/** Breaks a rule on purpose. */
public record OperatorsKnowsTopology(Plan plan) {}
