package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.topology.plan.PlanSizes;
import java.util.Locale;

/** What a plan keeps of a model, as people and programs read it. */
final class PlanSizesText {
    private static final String ROW = "%-24s %-18s %12s %12s %8s %14s%n";
    private static final String[] UNITS = {"kB", "MB", "GB", "TB", "PB"};
    /** Rounds of keyframes on the brokers: the newest complete one, and the one that is being written. */
    private static final int KEYFRAME_ROUNDS = 2;

    private PlanSizesText() {}

    static String text(PlanSizes sizes) {
        StringBuilder out = new StringBuilder(
                String.format(Locale.ROOT, ROW, "CHANNEL", "OPERATOR", "STATE", "A VERSION", "RETAIN", "ALL VERSIONS"));
        for (PlanSizes.Channel channel : sizes.channels()) {
            out.append(String.format(
                    Locale.ROOT,
                    ROW,
                    channel.name(),
                    channel.operator(),
                    channel.stateBytes() == 0 ? "-" : bytes(channel.stateBytes()),
                    bytes(channel.versionBytes()),
                    channel.retain(),
                    bytes(channel.keptBytes())));
        }
        StringBuilder unmatched = new StringBuilder();
        sizes.unmatched()
                .forEach(pattern ->
                        unmatched.append("tensors: ").append(pattern).append(" matches no tensor of the model\n"));
        String baseline =
                sizes.baselineBytes() == 0 ? "" : ", " + bytes(sizes.baselineBytes()) + " of it the baseline's";
        return out
                + """

                off the heap, over all instances of merge:  %s of state%s;
                    %s more for each run that sends differences and for each checkpoint that waits; all again for each standby
                on the brokers, before replication:  %s of versions, up to %s of keyframes, and deltas
                """.formatted(
                                bytes(sizes.stateBytes()),
                                baseline,
                                bytes(sizes.checkpointBytes()),
                                bytes(sizes.keptBytes()),
                                bytes(KEYFRAME_ROUNDS * sizes.stateBytes()))
                + unmatched;
    }

    static ObjectNode json(PlanSizes sizes) {
        ObjectNode json = Json.object()
                .put("checkpointBytes", sizes.checkpointBytes())
                .put("stateBytes", sizes.stateBytes())
                .put("baselineBytes", sizes.baselineBytes())
                .put("keptBytes", sizes.keptBytes());
        sizes.unmatched().forEach(json.putArray("unmatched")::add);
        ArrayNode channels = json.putArray("channels");
        for (PlanSizes.Channel channel : sizes.channels()) {
            channels.addObject()
                    .put("channel", channel.name())
                    .put("operator", channel.operator())
                    .put("stateBytes", channel.stateBytes())
                    .put("versionBytes", channel.versionBytes())
                    .put("retain", channel.retain())
                    .put("keptBytes", channel.keptBytes());
        }
        return json;
    }

    /** Three digits and a decimal unit; bytes as they are below a thousand. */
    static String bytes(long bytes) {
        if (bytes < 1_000) {
            return bytes + " B";
        }
        double value = bytes / 1e3;
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1e3;
            unit++;
        }
        int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
        return String.format(Locale.ROOT, "%." + decimals + "f %s", value, UNITS[unit]);
    }
}
