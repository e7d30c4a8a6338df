package dev.weir.schemas.planted;

import dev.weir.operators.Operator;

/** Breaks a rule on purpose. */
public record SchemasKnowsOperators(Operator operator) {}
