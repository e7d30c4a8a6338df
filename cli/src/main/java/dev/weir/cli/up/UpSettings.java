package dev.weir.cli.up;

import dev.weir.cli.UsageException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;

/**
 * What {@code weir up} opens.
 *
 * @param bind the address that everything listens on
 * @param kafkaPort the broker's port
 * @param registryPort the registry's port
 * @param httpPort the port of health and status
 * @param data where everything that survives a restart lies
 */
public record UpSettings(String bind, int kafkaPort, int registryPort, int httpPort, Path data) {

    public UpSettings {
        checkPort("--kafka-port", kafkaPort);
        checkPort("--registry-port", registryPort);
        checkPort("--http-port", httpPort);
        if (kafkaPort == registryPort || kafkaPort == httpPort || registryPort == httpPort) {
            throw new UsageException(
                    "up",
                    "one port is given twice (" + kafkaPort + ", " + registryPort + ", " + httpPort + ")",
                    "needed: three different ports",
                    "see weir up --help");
        }
        data = data.toAbsolutePath().normalize();
        address(bind);
    }

    boolean isLocal() {
        return address(bind).isLoopbackAddress();
    }

    /** The host that clients are told: the bind address, or this machine's own when that is a wildcard. */
    String host() {
        if (!address(bind).isAnyLocalAddress()) {
            return bind;
        }
        try {
            return InetAddress.getLocalHost().getHostAddress();
        } catch (UnknownHostException e) {
            return "127.0.0.1";
        }
    }

    String bootstrap() {
        return host() + ":" + kafkaPort;
    }

    String registryUrl() {
        return "http://" + host() + ":" + registryPort + "/apis/ccompat/v7";
    }

    String httpUrl() {
        return "http://" + host() + ":" + httpPort;
    }

    private static void checkPort(String option, int port) {
        if (port < 1 || port > 65_535) {
            throw new UsageException(option + " " + port, "is no port", "allowed: 1 to 65535", "see weir up --help");
        }
    }

    private static InetAddress address(String bind) {
        try {
            return InetAddress.getByName(bind);
        } catch (UnknownHostException e) {
            throw new UsageException(
                    "--bind " + bind, "is no address of this machine", "allowed: 127.0.0.1, 0.0.0.0, a host name", "");
        }
    }
}
