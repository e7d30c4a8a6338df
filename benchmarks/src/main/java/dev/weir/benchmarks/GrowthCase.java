package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.Connection;
import dev.weir.clients.publish.Deltas;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One model with applications of its own, on a broker that it shares.
 *
 * @param modelBytes of f32, a checkpoint
 * @param channels EMAs, each of which emits every checkpoint
 * @param partitions of deltas
 */
record GrowthCase(long modelBytes, int channels, int partitions) {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /**
     * What it took.
     *
     * @param seconds of each checkpoint, from the first byte sent to the last snapshot's manifest; the first is left out
     * @param stateBytes off merge's heap behind the last one
     * @param heapPeakBytes of merge
     */
    record Cost(Spread seconds, long stateBytes, long heapPeakBytes) {}

    /** What its logs take until they are deleted: checkpoints, snapshots, and a tenth more for keyframes and indexes. */
    long diskBytes(int checkpoints) {
        return modelBytes * (checkpoints + 1) * (1 + channels) * 11 / 10;
    }

    /** Publishes so many checkpoints and one before them, then deletes all of it. */
    Cost measure(Connection connection, Path scratch, int checkpoints, int threads) throws Exception {
        String model = "growth-" + modelBytes + "-" + channels + "-" + partitions;
        Layout layout = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(modelBytes / Float.BYTES))));
        Map<String, String> keys = Map.of("threads", Integer.toString(Math.min(threads, partitions)));
        try (OwnApplications applications =
                OwnApplications.start(connection, scratch, model, partitions, keys, plan(model), PATIENCE)) {
            List<Double> seconds = new ArrayList<>();
            try (Publisher publisher = applications.publisher(layout, Deltas.NONE)) {
                for (int step = 0; step <= checkpoints; step++) {
                    long began = System.nanoTime();
                    Outcome outcome = publisher.publish(step, new RandomWeights(step));
                    if (!(outcome instanceof Outcome.Accepted)) {
                        throw new IllegalStateException("checkpoint of step " + step + ": " + outcome);
                    }
                    if (step > 0) {
                        seconds.add((System.nanoTime() - began) / 1e9);
                    }
                }
            }
            JsonNode status = applications.merge().await("its status", now -> now.has("stateBytes"), PATIENCE);
            return new Cost(
                    new Spread(seconds, "s"),
                    status.path("stateBytes").asLong(),
                    status.path("heapPeakBytes").asLong());
        }
    }

    private String plan(String model) {
        return "{model: " + model + ", channels: ["
                + IntStream.range(0, channels)
                        .mapToObj(i -> "{name: ema-" + i + ", operator: ema, settings: {decay: 0.9}}")
                        .collect(Collectors.joining(", "))
                + "]}";
    }
}
