package dev.weir.it.fault;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a soak found.
 *
 * @param instances of all applications
 * @param took from the first checkpoint to the last check
 * @param results one a fault, in order
 * @param endedByThemselves instances that ended without having been killed, with what they said
 * @param notReached faults at points that the instance did not come by
 * @param cutOff how often a trainer lost its publisher to a fault and went on with a new one
 * @param log what is committed
 * @param acceptedSteps by run, the steps of which its trainer was told that they are accepted
 * @param findings of the offline fold
 * @param replays of {@code weir replay --verify}
 */
record SoakReport(
        long seed,
        int brokers,
        int instances,
        Duration took,
        List<Result> results,
        List<String> endedByThemselves,
        List<String> notReached,
        int cutOff,
        CommittedLog log,
        Map<String, Set<Long>> acceptedSteps,
        LogCheck.Findings findings,
        List<Replayed> replays) {

    record Replayed(int threads, boolean succeeded, int snapshots, int equal, long records) {}

    long kills() {
        return results.stream().filter(Result::isKill).count();
    }

    long insideTransaction() {
        return results.stream().filter(Result::insideTransaction).count();
    }

    long count(String kind) {
        return results.stream().filter(result -> result.kind().startsWith(kind)).count();
    }

    String markdown() {
        StringBuilder out = new StringBuilder();
        out.append(String.format(
                Locale.ROOT,
                "## %d broker%s%n%nSeed %d; %d instances (two of merge with a standby each, two of coordinate), %d runs, %d"
                        + " partitions; %d s.%n%n",
                brokers,
                brokers == 1 ? "" : "s with replication",
                seed,
                instances,
                Soak.RUNS,
                Soak.PARTITIONS,
                took.toSeconds()));
        out.append("| what | count |\n|---|---|\n");
        row(out, "checkpoints accepted", findings.committed());
        row(out, "checkpoints refused: sent again by a trainer that was cut off, or superseded", findings.refused());
        row(out, "snapshots", findings.snapshots());
        row(out, "`kill -9`", kills());
        row(out, "of these inside an open transaction", insideTransaction());
        row(
                out,
                "of these with the disk wiped",
                results.stream()
                        .filter(r -> r.isKill() && r.after().contains("wiped"))
                        .count());
        row(out, "broker bounces, by SIGKILL and by SIGTERM", count("broker"));
        row(out, "SIGSTOP beyond the session timeout", count("SIGSTOP"));
        row(out, "fenced trainers", count("fenced trainer"));
        row(out, "publishers that a fault cut off", cutOff);
        row(out, "**lost**", findings.lost().size());
        row(out, "**twice**", findings.twice().size());
        row(
                out,
                "**digests other than an offline fold of the committed log**",
                findings.wrong().size());
        replays.forEach(replay -> row(
                out,
                "snapshots equal to `weir replay --verify` on " + replay.threads() + " thread"
                        + (replay.threads() == 1 ? "" : "s"),
                replay.equal() + " of " + replay.snapshots()));
        times(out);
        transactions(out);
        list(out, "Instances that ended by themselves and were started again", endedByThemselves);
        list(out, "Points that were not reached within the limit", notReached);
        return out.toString();
    }

    private void times(StringBuilder out) {
        out.append("\n| fault | after it | count | folded again: median, max ms | visible again: median, max ms |\n");
        out.append("|---|---|---|---|---|\n");
        Map<String, List<Result>> groups = results.stream()
                .collect(Collectors.groupingBy(
                        result -> result.kind() + " | " + result.after(), TreeMap::new, Collectors.toList()));
        groups.forEach((group, members) -> out.append("| ")
                .append(group)
                .append(" | ")
                .append(members.size())
                .append(" | ")
                .append(spread(members, Result::foldedMs))
                .append(" | ")
                .append(spread(members, Result::visibleMs))
                .append(" |\n"));
    }

    private void transactions(StringBuilder out) {
        out.append(
                "\nKills inside an open transaction, with its first offset in each partition that it had written to:\n\n");
        out.append("| fault | instance | transaction |\n|---|---|---|\n");
        results.stream()
                .filter(Result::insideTransaction)
                .forEach(result -> out.append("| ")
                        .append(result.kind())
                        .append(" | ")
                        .append(result.instance())
                        .append(" | ")
                        .append(result.open().entrySet().stream()
                                .map(entry -> entry.getKey() + " " + entry.getValue())
                                .collect(Collectors.joining(", ")))
                        .append(" |\n"));
    }

    private static void list(StringBuilder out, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            out.append("\n").append(title).append(":\n\n");
            lines.forEach(line -> out.append("- ").append(line).append("\n"));
        }
    }

    private static void row(StringBuilder out, String what, Object count) {
        out.append("| ").append(what).append(" | ").append(count).append(" |\n");
    }

    private static String spread(List<Result> results, Function<Result, OptionalLong> time) {
        long[] times = results.stream()
                .map(time)
                .filter(OptionalLong::isPresent)
                .mapToLong(OptionalLong::getAsLong)
                .sorted()
                .toArray();
        return times.length == 0
                ? ""
                : times[times.length / 2] + ", " + Arrays.stream(times).max().getAsLong();
    }
}
