package dev.weir.cli.watch;

import dev.weir.cli.WeirException;
import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.clients.publish.Deltas;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.publish.RunLog;
import dev.weir.clients.publish.WeightSource;
import dev.weir.schemas.safetensors.SafetensorsException;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.Provenance;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One publisher for as long as it lasts: another one after a failure, or for another layout. */
public final class WatchPublisher implements AutoCloseable {

    private final Connection connection;
    private final String model;
    private final String run;
    private final Duration patience;
    private final Deltas deltas;
    private final Map<String, String> provenance;

    private @Nullable Publisher publisher;
    private @Nullable Layout layout;
    /** The epoch of a publisher that was fenced; 0: none was. */
    private long fencedEpoch;

    public WatchPublisher(
            Connection connection,
            String model,
            String run,
            Duration patience,
            Deltas deltas,
            Map<String, String> provenance) {
        this.connection = connection;
        this.model = model;
        this.run = run;
        this.patience = patience;
        this.deltas = deltas;
        this.provenance = Map.copyOf(provenance);
    }

    /** The run's newest step that the log knows as accepted or rejected; -1: none. */
    public long decidedStep() {
        return RunLog.decidedStep(connection, model, run);
    }

    /**
     * Publishes a checkpoint.
     *
     * @throws SafetensorsException if the file was cut meanwhile
     * @throws ClientException that is worth another try unless {@link #lost} says otherwise
     * @throws WeirException if another publisher of the run is at work
     */
    public Outcome publish(long step, SafetensorsFile file) {
        try {
            return opened(file).publish(step, WeightSource.of(file));
        } catch (RuntimeException failed) {
            if (failed instanceof ClientException client
                    && client.reason() == ClientException.Reason.FENCED
                    && publisher != null) {
                fencedEpoch = publisher.epoch();
            }
            // A part of it may be visible: what comes in its place in this epoch would be the same step with other
            // bytes.
            close(failed);
            throw failed;
        }
    }

    /** Whether another try would fail as well. */
    public static boolean lost(ClientException failed) {
        return switch (failed.reason()) {
            // Who idled inside a transaction while the broker was away seems fenced, too; the next opening finds out.
            case TIMEOUT, FENCED -> false;
            case FAILED -> failed.refused();
            case INVALID, MISSING, RETIRED, DAMAGED -> true;
        };
    }

    private Publisher opened(SafetensorsFile file) {
        if (publisher != null && layout != null && !file.layout().equals(layout)) {
            // Whether the model takes it is not ours to say.
            close();
        }
        if (publisher == null) {
            if (fencedEpoch > 0 && RunLog.epoch(connection, model, run) > fencedEpoch) {
                throw new WeirException(
                        "run " + run,
                        "a newer publisher of the same run took over",
                        "allowed: one publisher at a time for each run",
                        "watch again once no other publisher of this run is at work");
            }
            fencedEpoch = 0;
            Map<String, String> said = Provenance.ofMetadata(file.metadata());
            said.putAll(provenance);
            publisher = Publisher.open(connection, model, run, file.layout(), patience, deltas, said);
            layout = file.layout();
        }
        return publisher;
    }

    private void close(RuntimeException because) {
        try {
            close();
        } catch (RuntimeException e) {
            because.addSuppressed(e);
        }
    }

    @Override
    public void close() {
        Publisher last = publisher;
        publisher = null;
        if (last != null) {
            last.close();
        }
    }
}
