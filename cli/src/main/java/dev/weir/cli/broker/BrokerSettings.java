package dev.weir.cli.broker;

import java.nio.file.Path;

/**
 * Where a broker listens and stores.
 *
 * @param bind the address to listen on
 * @param advertised the address that clients are told
 * @param port the port of clients
 * @param dir where logs and metadata lie; formatted on first use
 * @param joinWaitMs how long a new group waits for further members before its first assignment
 */
public record BrokerSettings(String bind, String advertised, int port, Path dir, int joinWaitMs) {}
