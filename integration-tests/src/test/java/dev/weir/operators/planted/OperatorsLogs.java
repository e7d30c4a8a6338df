package dev.weir.operators.planted;

import org.slf4j.Logger;

/** Breaks a rule on purpose. */
public record OperatorsLogs(Logger log) {}
