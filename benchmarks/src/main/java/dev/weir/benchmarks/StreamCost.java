package dev.weir.benchmarks;

/**
 * What it costs to read a log once.
 *
 * @param megabytes of weights in it
 * @param seconds by the clock
 * @param clientCpuSeconds of this process, its collector and compilers among them
 * @param brokerCpuSeconds of the broker's process
 */
record StreamCost(double megabytes, double seconds, double clientCpuSeconds, double brokerCpuSeconds) {}
