package dev.weir.operators.planted;

import org.ojalgo.matrix.store.R064Store;

/** Breaks a rule on purpose. */
public record OperatorsCallsTheSolver(R064Store matrix) {}
