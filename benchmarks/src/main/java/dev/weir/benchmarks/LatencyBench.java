package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.cli.bench.Bench;
import dev.weir.cli.bench.BenchReport;
import dev.weir.cli.bench.BenchSettings;
import dev.weir.cli.bench.Goal;
import dev.weir.cli.up.LocalWeir;
import dev.weir.clients.Connection;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * From a small checkpoint's last end record to the last of its three snapshots' manifests, each seen by a read_committed
 * reader, through a whole {@code weir up} on this machine: five transactions, one after another.
 */
public final class LatencyBench implements Bench {
    private static final String MODEL = "latency";
    private static final double LIMIT_MS = 200;
    private static final int CHECKPOINTS_A_ROUND = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String PLAN = """
            model: latency
            channels:
              - {name: fast, operator: ema, settings: {decay: 0.9}}
              - {name: slow, operator: ema, settings: {decay: 0.97}}
              - {name: swa, operator: swa, settings: {from-step: 0, every: 1}}
            """;
    private static final Layout LAYOUT = Layout.of(List.of(
            new TensorSpec("0.weight", Dtype.F32, List.of(64L, 784L)),
            new TensorSpec("0.bias", Dtype.F32, List.of(64L)),
            new TensorSpec("2.weight", Dtype.F32, List.of(10L, 64L)),
            new TensorSpec("2.bias", Dtype.F32, List.of(10L))));

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public String about() {
        return "a 200 kB checkpoint's last end to its third snapshot's manifest, against 200 ms";
    }

    @Override
    public BenchReport run(BenchSettings settings) throws Exception {
        int rounds = settings.quick() ? 5 : 15;
        Path data = settings.scratch().resolve("weir");
        List<Double> medians = new ArrayList<>();
        List<Double> high = new ArrayList<>();
        List<Double> whole = new ArrayList<>();
        try (LocalWeir weir = LocalWeir.start(data)) {
            weir.plan(MODEL, PLAN);
            Connection connection = weir.connection();
            try (Arrivals arrivals = Arrivals.watch(connection, MODEL);
                    Publisher publisher = Publisher.open(connection, MODEL, "run-1", LAYOUT, PATIENCE)) {
                for (int round = 0; round <= rounds; round++) {
                    List<Double> latencies = new ArrayList<>();
                    List<Double> publications = new ArrayList<>();
                    for (int i = 0; i < CHECKPOINTS_A_ROUND; i++) {
                        long step = (long) round * CHECKPOINTS_A_ROUND + i + 1;
                        long began = System.nanoTime();
                        latencies.add(publish(publisher, step, arrivals));
                        publications.add((System.nanoTime() - began) / 1e6);
                    }
                    if (round > 0) {
                        medians.add(new Spread(latencies, "ms").median());
                        high.add(new Spread(latencies, "ms").quantile(0.95));
                        whole.add(new Spread(publications, "ms").median());
                    }
                    settings.progress().accept("round " + round + " of " + rounds);
                }
            }
        }
        Spread median = new Spread(medians, "ms");
        ObjectNode parts = Json.object()
                .put("checkpoints", rounds * CHECKPOINTS_A_ROUND)
                .put("checkpointBytes", LAYOUT.byteSize())
                .put("channels", 3)
                .put("limitMs", LIMIT_MS);
        parts.set("endToManifest", median.json());
        parts.set("endToManifest95thPercentile", new Spread(high, "ms").json());
        parts.set("publishUntilAllSnapshotsAreSeen", new Spread(whole, "ms").json());
        return new BenchReport(
                List.of(Goal.atMost("median over 200 ms", median.median() / LIMIT_MS, 1)), rounds, parts);
    }

    private static double publish(Publisher publisher, long step, Arrivals arrivals)
            throws InterruptedException, TimeoutException {
        Outcome outcome = publisher.publish(step, new RandomWeights(step));
        if (!(outcome instanceof Outcome.Accepted accepted)) {
            throw new IllegalStateException("checkpoint of step " + step + ": " + outcome);
        }
        return arrivals.endToManifestsMs(step, accepted.versions(), PATIENCE);
    }
}
