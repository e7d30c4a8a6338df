package dev.weir.cli.verb;

import dev.weir.cli.UsageException;
import dev.weir.cli.WeirException;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.schemas.record.Manifest;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which snapshot a verb is about. */
final class SnapshotChoice {

    @Option(names = "--model", required = true, paramLabel = "MODEL", description = "A model that has a plan.")
    private String model = "";

    @Option(names = "--channel", paramLabel = "CHANNEL", description = "A channel of its plan.")
    private @Nullable String channel;

    @Option(
            names = "--version",
            paramLabel = "VERSION",
            description = "Which version (default: the newest complete one).")
    private @Nullable Long version;

    String model() {
        return model;
    }

    /** Empty if it was not given. */
    String channel() {
        return channel == null ? "" : channel;
    }

    /** Fails unless a channel was given. */
    void requireChannel(String verb) {
        if (channel().isEmpty()) {
            throw usage(verb, "option --channel is missing", "allowed: a channel of the plan");
        }
    }

    /** Fails if a channel or a version was given beside an option that leaves no choice. */
    void refuseBeside(String option, String verb) {
        if (channel != null || version != null) {
            String given = channel == null ? "--version" : "--channel";
            throw usage(verb, option + " and " + given + " exclude each other", "allowed: one of them");
        }
    }

    static UsageException usage(String verb, String problem, String allowed) {
        return new UsageException(verb, problem, allowed, "see weir " + verb + " --help");
    }

    /** The version that was given; 0 if none was. */
    long version() {
        return version == null ? 0 : version;
    }

    boolean versionGiven() {
        return version != null;
    }

    Manifest find(Subscriber subscriber) {
        return (version == null ? subscriber.newest(channel()) : subscriber.version(channel(), version))
                .orElseThrow(() -> missing(subscriber, model, channel(), version));
    }

    /** Says what there is instead of a version that is not there; without a version, of a channel that has none. */
    static WeirException missing(Subscriber subscriber, String model, String channel, @Nullable Long version) {
        String versions = subscriber.manifests().stream()
                .filter(manifest -> manifest.getChannel().equals(channel))
                .map(manifest -> String.valueOf(manifest.getVersion()))
                .collect(Collectors.joining(", "));
        String channels = subscriber.manifests().stream()
                .map(Manifest::getChannel)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        if (version == null || versions.isEmpty()) {
            return new WeirException(
                    "channel " + channel,
                    "has no complete version in model " + model,
                    channels.isEmpty() ? "no channel of this model has one" : "channels that have one: " + channels,
                    "publish a checkpoint, or see `weir plan get --model " + model + "`");
        }
        return new WeirException(
                "channel " + channel + " version " + version,
                "is not complete, or has been retired",
                "there are: " + versions,
                "ask for one of these; `retain` in the plan says how many are kept");
    }
}
