package dev.weir.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.ExitCode;
import dev.weir.cli.Json;
import dev.weir.cli.UsageException;
import dev.weir.cli.WeirException;
import dev.weir.cli.option.ClientOptions;
import dev.weir.cli.option.CommonOptions;
import dev.weir.cli.option.JsonOption;
import dev.weir.clients.Connection;
import dev.weir.schemas.wire.Registry;
import dev.weir.topology.replay.Replay;
import dev.weir.topology.replay.ReplayReport;
import dev.weir.topology.store.FoldException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
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
            "Folds a model's whole log again, apart from the running application, and compares every snapshot's digest",
            "and every merged chunk. Exits 1 unless all are equal."
        },
        footer = {"", "Example:", "  weir replay --model mnist --verify --threads 4"})
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

    @Option(names = "--verify", required = true, description = "Compare with the snapshots that were published.")
    @SuppressWarnings("UnusedVariable")
    private boolean verify;

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
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (json.json()) {
            out.println(Json.pretty(document(report)));
        } else {
            out.printf(
                    "%d of %d snapshots equal, %d records folded on %d threads%n",
                    report.equal(), report.snapshots(), report.records(), report.threads());
        }
        out.flush();
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
