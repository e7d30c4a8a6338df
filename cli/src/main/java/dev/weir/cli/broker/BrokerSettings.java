package dev.weir.cli.broker;

import java.nio.file.Path;

/**
 * Where a broker listens and stores.
 *
 * @param bind the address to listen on
 * @param advertised the address that clients are told
 * @param port the port of clients
 * @param dir where logs and metadata lie; formatted on first use
 */
public record BrokerSettings(String bind, String advertised, int port, Path dir) {}
