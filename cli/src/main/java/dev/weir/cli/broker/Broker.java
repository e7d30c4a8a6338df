package dev.weir.cli.broker;

/** A running broker; closing it stops it cleanly. */
public interface Broker extends AutoCloseable {

    void awaitEnd();

    @Override
    void close();

    /** Starts one and returns once it serves clients. */
    static Broker start(BrokerSettings settings) {
        return RaftBroker.start(settings);
    }
}
