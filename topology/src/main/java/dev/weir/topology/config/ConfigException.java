package dev.weir.topology.config;

/** A configuration that is refused: which key, what is wrong and what is allowed. */
public final class ConfigException extends IllegalArgumentException {
    ConfigException(String key, String problem, String allowed) {
        super("config: " + key + ": " + problem + "; allowed: " + allowed);
    }
}
