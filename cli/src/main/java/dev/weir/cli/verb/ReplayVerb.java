package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
import dev.weir.cli.WeirException;
import dev.weir.cli.after.PlanReplay;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.clients.Connection;
import dev.weir.clients.subscribe.ManifestJson;
import dev.weir.schemas.wire.Registry;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import dev.weir.topology.replay.PlannedReplay;
import dev.weir.topology.replay.Replay;
import dev.weir.topology.replay.ReplayReport;
import dev.weir.topology.replay.Retained;
import dev.weir.topology.store.FoldException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "replay",
        description = {
            "Folds a model's whole log again, apart from the running application: reads only, in no consumer group.",
            "With --verify, compares every snapshot's digest and every merged chunk; exits 1 unless all are equal. With",
            "--plan, folds the accepted checkpoints into the channels of another plan and writes their versions as files,",
            "each channel's into DIR/CHANNEL as pull would, every digest checked. A log whose beginning is gone is refused;",
            "--plan then says from which decision on everything accepted is there, and --from-retained folds from that one."
        },
        footer = {
            "",
            "Examples:",
            "  weir replay --model mnist --verify --threads 4",
            "  weir replay --model mnist --plan new.yaml --out averages --channel ema-0.99",
            "  weir replay --model mnist --plan new.yaml --out averages --from-retained"
        })
final class ReplayVerb implements Callable<Integer> {
    private static final Map<String, Object> TUNING = Map.of(
            "max.partition.fetch.bytes",
            8 << 20,
            "max.poll.records",
            64,
            // A flipped byte is to be found by its digest, which names version and tensor.
            "check.crcs",
            false);

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final ClientOptions client = new ClientOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--model", required = true, paramLabel = "MODEL", description = "Name of the model.")
    private String model = "";

    @Option(names = "--verify", description = "Compare with the snapshots that were published.")
    private boolean verify;

    @Option(names = "--plan", paramLabel = "FILE", description = "Another plan for the same model, as YAML.")
    private @Nullable Path plan;

    @Option(names = "--out", paramLabel = "DIR", description = "With --plan: where the channels' directories go.")
    private @Nullable Path out;

    @Option(
            names = "--channel",
            paramLabel = "CHANNEL",
            description = "With --plan: write this channel alone; may be repeated (default: all of the plan).")
    private List<String> channels = new ArrayList<>();

    @Option(
            names = "--emit",
            paramLabel = "last|all",
            description = "With --plan: the newest version of each channel, or every one (default: last).")
    private @Nullable String emit;

    @Option(
            names = "--from-retained",
            description = "With --plan: where the log's beginning is gone, fold from the first accepted checkpoint from"
                    + " which on all are whole in every partition. Its decision's number is in the report and, as fromSeq,"
                    + " in every manifest.")
    private boolean fromRetained;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Partitions folded at a time (default: one a processor).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        if (threads < 1 || threads > 1024) {
            throw new UsageException("--threads", "is " + threads, "allowed: 1 to 1024", "");
        }
        if (verify == (plan != null)) {
            throw new UsageException(
                    "replay",
                    verify ? "--verify and --plan exclude each other" : "neither --verify nor --plan was given",
                    "allowed: one of them",
                    "see weir replay --help");
        }
        if (fromRetained && plan == null) {
            throw new UsageException("--from-retained", "was given with --verify", "allowed: with --plan", "");
        }
        return plan == null ? verify() : fold(plan);
    }

    private Integer fold(Path file) throws InterruptedException {
        if (out == null) {
            throw new UsageException("--out", "is missing", "allowed: a directory, with --plan", "");
        }
        if (emit != null && !emit.equals("last") && !emit.equals("all")) {
            throw new UsageException("--emit", "is " + emit, "allowed: last, all", "");
        }
        Plan other = PlanVerb.read(file);
        if (!other.model().equals(model)) {
            throw new UsageException(
                    "--plan " + file, "is for model " + other.model(), "allowed: a plan for " + model, "");
        }
        for (String channel : channels) {
            if (other.channel(channel).isEmpty()) {
                throw new UsageException(
                        "--channel",
                        channel + " is not in " + file,
                        "allowed: "
                                + other.channels().stream()
                                        .map(ChannelPlan::name)
                                        .collect(Collectors.joining(", ")),
                        "");
            }
        }
        client.reach().close();
        PlanReplay.Outcome outcome;
        try (Registry registry = client.connection().registryForReading()) {
            outcome = new PlanReplay(client.connection(), registry.codec(), TUNING, threads)
                    .run(other, new LinkedHashSet<>(channels), "all".equals(emit), fromRetained, out);
        }
        report(outcome);
        return ExitCode.DONE;
    }

    private void report(PlanReplay.Outcome outcome) {
        PlannedReplay.Report folded = outcome.report();
        PrintWriter to = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            ObjectNode document = Json.object()
                    .put("model", model)
                    .put("records", folded.records())
                    .put("checkpoints", folded.checkpoints())
                    .put("lastSeq", folded.lastSeq())
                    .put("threads", threads);
            Retained part = folded.retained();
            if (part != null) {
                ObjectNode retained = document.putObject("retained")
                        .put("fromSeq", part.firstSeq())
                        .put("knownSeq", part.knownSeq())
                        .put("leftOut", part.leftOut());
                part.gone().ifPresent(gone -> retained.put("gone", gone));
            }
            ObjectNode counts = document.putObject("channels");
            folded.versions().forEach(counts::put);
            ArrayNode versions = document.putArray("versions");
            for (PlanReplay.Version version : outcome.versions()) {
                ObjectNode node = ManifestJson.tree(version.manifest())
                        .retain("channel", "version", "seq", "fromSeq", "run", "step", "digest");
                versions.add(node.put("path", version.path().toString()));
            }
            to.println(Json.pretty(document));
        } else {
            for (PlanReplay.Version version : outcome.versions()) {
                long fromSeq = version.manifest().getFromSeq();
                to.println("channel " + version.manifest().getChannel() + " version "
                        + version.manifest().getVersion() + (fromSeq > 0 ? " from decision " + fromSeq : "") + ": "
                        + version.path());
            }
            folded.versions().forEach((channel, count) -> {
                if (count == 0) {
                    to.println("channel " + channel + ": no version; no checkpoint entered often enough, or none with a"
                            + " baseline");
                }
            });
            Retained part = folded.retained();
            if (part != null) {
                to.println(leftOut(part));
            }
            to.printf(
                    "%d checkpoints %sup to decision %d, %d records folded on %d threads%n",
                    folded.checkpoints(),
                    part == null ? "" : "from decision " + part.firstSeq() + " ",
                    folded.lastSeq(),
                    folded.records(),
                    threads);
        }
        to.flush();
    }

    private static String leftOut(Retained part) {
        String known = "not over the whole run: the log's beginning is gone; left out before decision "
                + part.firstSeq() + ": " + part.leftOut() + " accepted checkpoints";
        long last = part.knownSeq() - 1;
        if (last == 0) {
            return known;
        }
        OptionalLong gone = part.gone();
        String before = gone.isPresent() ? gone.getAsLong() + " (weights of baselines among them)" : "at most " + last;
        return known + ", and " + before + " that decisions 1 to " + last + " accepted, which are gone"
                + (gone.isPresent() ? "" : "; no keyframe says how many");
    }

    private Integer verify() throws InterruptedException {
        client.reach().close();
        Connection connection = client.connection();
        int partitions;
        try (Consumer<byte[], byte[]> consumer = connection.consumer("read_committed", TUNING)) {
            partitions = connection.partitionsOf(model, consumer);
        }
        ReplayReport report;
        try (Registry registry = connection.registryForReading()) {
            report = new Replay(
                            Connection.topics(model),
                            registry.codec(),
                            partitions,
                            threads,
                            () -> connection.consumer("read_committed", TUNING))
                    .verify();
        } catch (FoldException cut) {
            throw new WeirException("replay of " + model, String.valueOf(cut.getMessage()), "", "", cut);
        }
        PrintWriter to = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            to.println(Json.pretty(document(report)));
        } else {
            to.printf(
                    "%d of %d snapshots equal, %d records folded on %d threads%n",
                    report.equal(), report.snapshots(), report.records(), report.threads());
        }
        to.flush();
        if (!report.allEqual()) {
            ReplayReport.Difference first = report.differences().get(0);
            String tensor = first.tensor().isEmpty() ? "" : " tensor " + first.tensor();
            throw new WeirException(
                    "replay of " + model,
                    "channel " + first.channel() + " version " + first.version() + tensor + ": " + first.problem()
                            + " (" + report.differences().size() + " differences)",
                    "allowed: none",
                    "do not serve it; pull another version");
        }
        return ExitCode.DONE;
    }

    private static ObjectNode document(ReplayReport report) {
        ObjectNode document = Json.object()
                .put("snapshots", report.snapshots())
                .put("equal", report.equal())
                .put("records", report.records())
                .put("threads", report.threads());
        ArrayNode differences = document.putArray("differences");
        report.differences()
                .forEach(difference -> differences
                        .addObject()
                        .put("channel", difference.channel())
                        .put("version", difference.version())
                        .put("tensor", difference.tensor())
                        .put("problem", difference.problem()));
        return document;
    }
}
