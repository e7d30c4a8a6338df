package dev.weir.cli.verb;

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

    @Option(names = "--channel", required = true, paramLabel = "CHANNEL", description = "A channel of its plan.")
    private String channel = "";

    @Option(
            names = "--version",
            paramLabel = "VERSION",
            description = "Which version (default: the newest complete one).")
    private @Nullable Long version;

    String model() {
        return model;
    }

    String channel() {
        return channel;
    }

    boolean versionGiven() {
        return version != null;
    }

    Manifest find(Subscriber subscriber) {
        return (version == null ? subscriber.newest(channel) : subscriber.version(channel, version))
                .orElseThrow(() -> missing(subscriber));
    }

    private WeirException missing(Subscriber subscriber) {
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
