package dev.weir.cli.demo;

import dev.weir.cli.demo.DemoState.Channel;
import dev.weir.cli.demo.DemoState.Gate;
import dev.weir.cli.demo.DemoState.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/** The demo's screen: a function from its state to lines of text. */
final class DemoScreen {

    private final Ansi ansi;

    /** @param ansi whether lines carry colours */
    DemoScreen(Ansi ansi) {
        this.ansi = ansi;
    }

    /** The whole screen, while the demo runs. */
    List<String> live(DemoState state) {
        List<String> lines = new ArrayList<>();
        lines.add(bold("weir demo") + format("   seed %d   %s   %s", state.seed(), progress(state), clock(state)));
        lines.add(
                "Release 1 learned from 300 digits and is in service. Two trainers go on from it with all the others,");
        lines.add("of which 10 % are deliberately labelled wrong: noisy labels are what averaging is for.");
        lines.add("");
        lines.add(bold(format("%-14s %8s %12s", "RUN", "STEP", "CHECKPOINTS")));
        for (Run run : state.runs()) {
            lines.add(format("%-14s %8d %12d", run.name(), run.step(), run.checkpoints()));
        }
        lines.add("");
        lines.addAll(table(state));
        return lines;
    }

    /** One line about a version, where the screen cannot be redrawn. */
    String line(Channel channel) {
        Score score = channel.score();
        String found = score == null
                ? "not evaluated yet"
                : format("%s right, %s", percent(score.accuracy()), flips(score.negativeFlips()));
        String gate = gate(channel.gate());
        return format("%s version %d (step %d): %s", channel.name(), channel.version(), channel.step(), found)
                + (gate.isEmpty() ? "" : "; gate: " + gate);
    }

    /** The table and the finding in words, when the demo is over. */
    List<String> end(DemoState state) {
        List<String> lines = new ArrayList<>();
        lines.add(bold("weir demo") + format("   seed %d   %s   %s", state.seed(), progress(state), clock(state)));
        lines.add("");
        lines.addAll(table(state));
        lines.add("");
        for (DemoFinding finding : DemoFinding.of(state)) {
            lines.add(style(finding.won() ? "green" : "yellow", finding.won() ? "+ " : "- ") + finding.words());
        }
        return lines;
    }

    private List<String> table(DemoState state) {
        List<String> lines = new ArrayList<>();
        lines.add(bold(format(
                "%-14s %8s %8s %10s %8s %8s  %s", "CHANNEL", "VERSION", "STEP", "ACCURACY", "FLIPS", "NFR", "GATE")));
        lines.add(format(
                "%-14s %8s %8s %10s",
                "release 1", "-", "-", percent(state.release1().accuracy())));
        for (Channel channel : state.channels()) {
            lines.add(row(channel));
        }
        return lines;
    }

    private String row(Channel channel) {
        Score score = channel.score();
        String start = format("%-14s %8d %8d ", channel.name(), channel.version(), channel.step());
        String found = score == null
                ? format("%10s %8s %8s", "...", "...", "...")
                : format("%10s %8d %8s", percent(score.accuracy()), score.negativeFlips(), percent(score.nfr()));
        return (start + found + "  " + gate(channel.gate())).stripTrailing();
    }

    private String gate(Gate gate) {
        return switch (gate) {
            case Gate.None() -> "";
            case Gate.Awaited() -> "...";
            case Gate.Promoted(String reason) -> style("green", "promote") + ": " + reason;
            case Gate.Held(String reason) -> style("yellow", "hold") + ": " + reason;
        };
    }

    private static String progress(DemoState state) {
        String planned = state.checkpointsPlanned() == 0 ? "" : " of " + state.checkpointsPlanned();
        return "checkpoints " + state.checkpoints() + planned;
    }

    private static String clock(DemoState state) {
        long seconds = state.elapsedMs() / 1000;
        return format("%d:%02d", seconds / 60, seconds % 60);
    }

    static String percent(double share) {
        return format("%.2f %%", 100 * share);
    }

    static String flips(int count) {
        return count == 1 ? "1 negative flip" : count + " negative flips";
    }

    private String bold(String text) {
        return style("bold", text);
    }

    private String style(String style, String text) {
        return ansi.string("@|" + style + " " + text + "|@");
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
