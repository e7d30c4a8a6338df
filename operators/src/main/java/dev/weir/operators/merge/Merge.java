package dev.weir.operators.merge;

/** One way to merge models that are all at hand. Deterministic: the same models in the same order give the same bits. */
public sealed interface Merge permits ElementMerge, LinearMerge, MaskedMerge {}
