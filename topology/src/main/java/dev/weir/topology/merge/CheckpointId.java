package dev.weir.topology.merge;

/** One run's checkpoint at one step, as written in one epoch. */
record CheckpointId(String run, long epoch, long step) {}
