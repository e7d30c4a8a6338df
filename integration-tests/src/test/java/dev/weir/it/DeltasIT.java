package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.publish.Deltas;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.publish.WeightSource;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.schemas.delta.Choice;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real checkpoints in bf16 as exact differences: what lies in the log, and that the average is that of the files. */
final class DeltasIT {
    private static final String MODEL = "bytes";
    private static final int CHECKPOINTS = 60;
    private static final int ANCHOR_EVERY = 16;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final List<String> PREFIXES =
            List.of("000000", "000050_lr1e-05", "000060_lr1e-05", "000070_lr1e-06");

    @TempDir
    private Path data;

    @Test
    void differencesInTheLogHaveTheSizesOfEncodeAndTheAverageIsThatOfTheFiles() throws Exception {
        List<Path> files = split();
        try (UpProcess up = UpProcess.start(data.resolve("up"), Ports.free()).awaitReady();
                Model model = Model.apply(up, MODEL, Model.ema(0.9));
                SafetensorsFile first = SafetensorsFile.open(files.get(0));
                Publisher publisher = Publisher.open(
                        model.connection(),
                        MODEL,
                        "run-1",
                        first.layout(),
                        PATIENCE,
                        new Deltas(Choice.ENTROPY, ANCHOR_EVERY))) {
            for (int i = 0; i < CHECKPOINTS; i++) {
                if (i == 2) {
                    // The next difference refers to a checkpoint that a merge application of no memory has to read
                    // again.
                    up.child("merge", MODEL).destroyForcibly();
                }
                try (SafetensorsFile file = SafetensorsFile.open(files.get(fileOf(i)))) {
                    assertThat(publisher.publish(i, WeightSource.of(file))).isInstanceOf(Outcome.Accepted.class);
                }
            }
            long plain = first.layout().byteSize();
            Map<List<Integer>, Long> encoded = new HashMap<>();
            Map<Long, Long> inTheLog = payloadBytes(model);
            assertThat(inTheLog).hasSize(CHECKPOINTS);
            for (int i = 0; i < CHECKPOINTS; i++) {
                long expected = plain;
                if (i % ANCHOR_EVERY != 0) {
                    List<Integer> pair = List.of(fileOf(i - 1), fileOf(i));
                    if (!encoded.containsKey(pair)) {
                        encoded.put(pair, encodedBytes(files.get(pair.get(0)), files.get(pair.get(1))));
                    }
                    expected = encoded.get(pair);
                }
                assertThat(inTheLog).as("step " + i).containsEntry((long) i, expected);
            }
            assertThat((double) encoded.get(List.of(1, 2)) / plain)
                    .as("share of the plain size at a learning rate of 1e-5")
                    .isLessThan(0.057);
            long payloads = inTheLog.values().stream().mapToLong(bytes -> bytes).sum();
            assertThat((double) logBytes(model) / payloads)
                    .as("bytes of the log over those of encode")
                    .isBetween(1.0, 1.05);
            Path pulled = model.pull("ema-0.9", data.resolve("out"));
            Path merged = data.resolve("merged.safetensors");
            List<String> merge = new ArrayList<>(
                    List.of("merge", "--operator", "ema", "--set", "decay=0.9", "-o", merged.toString()));
            for (int i = 0; i < CHECKPOINTS; i++) {
                merge.add(files.get(fileOf(i)).toString());
            }
            Cli.here(merge).succeeded();
            assertThat(Files.mismatch(pulled, merged)).isEqualTo(-1);
            up.here("replay", "--model", MODEL, "--verify").succeeded();

            List<String> publish = new ArrayList<>(List.of(
                    "publish", "--model", MODEL, "--run", "run-2", "--step", "1,2", "--encoding", "fast", "--json"));
            publish.addAll(List.of(files.get(2).toString(), files.get(3).toString()));
            JsonNode outcomes =
                    up.weir(publish.toArray(String[]::new)).succeeded().json();
            assertThat(outcomes.findValuesAsText("outcome")).containsExactly("accepted", "accepted");
        }
    }

    private static long encodedBytes(Path base, Path result) throws Exception {
        Path delta = Files.createTempFile("weir", ".delta");
        List<String> encode = List.of(
                "encode",
                "--json",
                "--encoding",
                "entropy",
                "--base",
                base.toString(),
                "-o",
                delta.toString(),
                result.toString());
        JsonNode sizes = Cli.here(encode).succeeded().json();
        Files.delete(delta);
        long bytes = 0;
        for (JsonNode encoding : sizes.path("encodings")) {
            bytes += encoding.path("payloadBytes").asLong();
        }
        return bytes;
    }

    /** Once along the trajectory, then to and fro between its last three: every step is a real difference. */
    private static int fileOf(int step) {
        return step == 0 ? 0 : List.of(1, 2, 3, 2).get((step - 1) % 4);
    }

    /** Bytes of the payloads of each checkpoint's chunks; they are full in anchors only. */
    private static Map<Long, Long> payloadBytes(Model model) {
        Map<Long, Long> bytes = new TreeMap<>();
        for (Chunk chunk : model.read(model.topics().deltas(), Chunk.class)) {
            assertThat(chunk.getEncoding() == Encoding.FULL.number()).isEqualTo(chunk.getStep() % ANCHOR_EVERY == 0);
            bytes.merge(chunk.getStep(), (long) chunk.getPayload().remaining(), Long::sum);
        }
        return bytes;
    }

    /** What the broker has on disk for the deltas. */
    private static long logBytes(Model model) throws Exception {
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", model.connection().bootstrap()))) {
            return admin.describeLogDirs(List.of(1)).allDescriptions().get().values().stream()
                    .flatMap(dirs -> dirs.values().stream())
                    .flatMap(dir -> dir.replicaInfos().entrySet().stream())
                    .filter(replica ->
                            replica.getKey().topic().equals(model.topics().deltas()))
                    .mapToLong(replica -> replica.getValue().size())
                    .sum();
        }
    }

    /** The checkpoints of the trajectory, a file each. */
    private List<Path> split() throws Exception {
        String shared = System.getProperty("weir.shared", "");
        Path all = Path.of(shared.isEmpty() ? "." : shared, "data", "trajectories", "d_bf16.safetensors");
        assumeTrue(Files.exists(all), () -> "needs weir.shared: " + all);
        List<Path> files = new ArrayList<>();
        try (SafetensorsFile source = SafetensorsFile.open(all)) {
            for (String prefix : PREFIXES) {
                List<TensorSpec> tensors = source.layout().tensors().stream()
                        .filter(tensor -> tensor.name().startsWith(prefix + "/"))
                        .toList();
                Layout layout = Layout.of(tensors.stream()
                        .map(tensor -> new TensorSpec(
                                tensor.name().substring(prefix.length() + 1), tensor.dtype(), tensor.shape()))
                        .toList());
                Path file = data.resolve(prefix + ".safetensors");
                try (SafetensorsWriter writer = SafetensorsWriter.create(file, layout)) {
                    for (int number = 0; number < layout.chunkCount(); number++) {
                        ChunkSpec chunk = layout.chunk(number);
                        TensorSpec tensor = layout.tensorOf(chunk);
                        TensorSpec prefixed =
                                new TensorSpec(prefix + "/" + tensor.name(), tensor.dtype(), tensor.shape());
                        writer.write(number, source.read(prefixed, chunk.tensorByteOffset(), chunk.byteSize()));
                    }
                }
                files.add(file);
            }
        }
        return files;
    }
}
