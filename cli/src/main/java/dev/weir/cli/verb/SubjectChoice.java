package dev.weir.cli.verb;

import dev.weir.cli.WeirException;
import dev.weir.clients.Connection;
import dev.weir.clients.evaluate.SideInputs;
import dev.weir.clients.evaluate.SubjectFinder;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Subject;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a verb evaluates: a version of a channel, or a raw checkpoint. */
final class SubjectChoice {

    private static final String ALLOWED = "allowed: --channel with --version, or --run with --step";

    @Option(names = "--channel", paramLabel = "CHANNEL", description = "A channel of its plan; with --version.")
    private @Nullable String channel;

    @Option(names = "--version", paramLabel = "VERSION", description = "Which version of the channel.")
    private @Nullable Long version;

    @Option(names = "--run", paramLabel = "RUN", description = "Run of a raw checkpoint; with --step.")
    private @Nullable String run;

    @Option(names = "--step", paramLabel = "STEP", description = "Step of the raw checkpoint.")
    private @Nullable Long step;

    /** Fails unless exactly one thing was chosen. */
    void check(String verb) {
        boolean ofChannel = channel != null || version != null;
        boolean raw = run != null || step != null;
        if (ofChannel && raw) {
            throw SnapshotChoice.usage(verb, "a version and a raw checkpoint exclude each other", ALLOWED);
        }
        if (raw ? run == null || step == null : channel == null || version == null) {
            throw SnapshotChoice.usage(verb, "it is not said what was evaluated", ALLOWED);
        }
    }

    /** Hands a number about the choice in, which need not be decided yet. */
    void handIn(SideInputs to, String name, double value) {
        if (run != null && step != null) {
            to.ofCheckpoint(run, step, name, value);
        } else {
            to.ofVersion(channel == null ? "" : channel, version == null ? 0 : version, name, value);
        }
    }

    /** The subject, which must be known to the model; a version may have been retired since. */
    Subject find(Connection connection, String model) {
        if (run != null && step != null) {
            return SubjectFinder.checkpoint(connection, model, run, step);
        }
        String name = channel == null ? "" : channel;
        long wanted = version == null ? 0 : version;
        try (Subscriber subscriber = Subscriber.open(connection, model)) {
            Optional<Manifest> newest = subscriber.newest(name);
            long complete = newest.map(Manifest::getVersion).orElse(0L);
            if (wanted < 1 || wanted > complete) {
                throw new WeirException(
                        "channel " + name + " version " + wanted,
                        "is not complete in model " + model,
                        complete == 0 ? "this channel has no complete version" : "allowed: 1 to " + complete,
                        "see `weir plan get --model " + model + "` for its channels");
            }
        }
        return new Subject(name, wanted);
    }
}
