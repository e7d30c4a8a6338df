package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model most of whose layers are frozen, and thaw now and then, from a run that sends differences and one that sends all:
 * the averages that wait meanwhile are those of the offline merge and of a replay, and survive the process that keeps them.
 */
final class FrozenLayersIT {
    private static final String MODEL = "frozen";
    private static final int CHECKPOINTS = 20;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Layout LAYOUT = Layout.of(List.of(
            new TensorSpec("adapter", Dtype.F32, List.of(16L, 64L)),
            new TensorSpec("base.bf16", Dtype.BF16, List.of(300_001L)),
            new TensorSpec("base.f16", Dtype.F16, List.of(3L, 1_001L)),
            new TensorSpec("base.f32", Dtype.F32, List.of(250_001L)),
            new TensorSpec("base.f64", Dtype.F64, List.of(123_001L))));
    private static final Map<String, String> OPERATORS = Map.of(
            "fast",
            "ema --set decay=0.5",
            "slow",
            "ema --set decay=0.99",
            "mean",
            "online-ensemble --set weighting=uniform");

    @TempDir
    private Path data;

    @Test
    void averagesThatWaitAreThoseOfTheFilesAndOfAReplay() throws Exception {
        List<Path> files = checkpoints();
        try (UpProcess up = UpProcess.start(data.resolve("up"), Ports.free(), Map.of("WEIR_KEYFRAME_DECISIONS", "3"))
                        .awaitReady();
                Model model = Model.apply(
                        up,
                        MODEL,
                        "{name: fast, operator: ema, settings: {decay: 0.5}}",
                        "{name: slow, operator: ema, settings: {decay: 0.99}}",
                        "{name: mean, operator: online-ensemble, settings: {weighting: uniform}}");
                Publisher differences = publisher(model, "run-1", new Deltas(Choice.ENTROPY, 16));
                Publisher whole = publisher(model, "run-2", Deltas.NONE)) {
            for (int step = 0; step < CHECKPOINTS; step++) {
                if (step == 8 || step == 15) {
                    up.child("merge", MODEL).destroyForcibly();
                }
                Publisher publisher = step % 5 == 3 ? whole : differences;
                try (SafetensorsFile file = SafetensorsFile.open(files.get(step))) {
                    assertThat(publisher.publish(step, WeightSource.of(file))).isInstanceOf(Outcome.Accepted.class);
                }
            }
            assertThat(model.read(model.topics().deltas(), Chunk.class))
                    .as("markers in the log")
                    .filteredOn(chunk -> chunk.getEncoding() == Encoding.UNCHANGED.number())
                    .hasSizeGreaterThan(4 * CHECKPOINTS);
            for (Map.Entry<String, String> channel : OPERATORS.entrySet()) {
                Path pulled = model.pull(channel.getKey(), data.resolve(channel.getKey()));
                Path merged = data.resolve(channel.getKey() + ".safetensors");
                List<String> merge = new ArrayList<>(List.of("merge", "-o", merged.toString(), "--operator"));
                merge.addAll(List.of(channel.getValue().split(" ")));
                files.forEach(file -> merge.add(file.toString()));
                Cli.here(merge).succeeded();
                assertThat(Files.mismatch(pulled, merged)).as(channel.getKey()).isEqualTo(-1);
            }
            up.here("replay", "--model", MODEL, "--verify", "--threads", "1").succeeded();
            up.here("replay", "--model", MODEL, "--verify", "--threads", "4").succeeded();
        }
    }

    private static Publisher publisher(Model model, String run, Deltas deltas) {
        return Publisher.open(model.connection(), MODEL, run, LAYOUT, PATIENCE, deltas);
    }

    /** The adapter is new in each; the base in the first, the tenth, and where one chunk of it changes. */
    private List<Path> checkpoints() {
        SplittableRandom random = new SplittableRandom(20_261_128);
        List<ByteBuffer> chunks = new ArrayList<>();
        List<Path> files = new ArrayList<>();
        for (int step = 0; step < CHECKPOINTS; step++) {
            Path file = data.resolve(step + ".safetensors");
            try (SafetensorsWriter writer = SafetensorsWriter.create(file, LAYOUT)) {
                for (int number = 0; number < LAYOUT.chunkCount(); number++) {
                    ChunkSpec chunk = LAYOUT.chunk(number);
                    Dtype dtype = LAYOUT.tensorOf(chunk).dtype();
                    if (step == 0) {
                        chunks.add(random(random, chunk, dtype));
                    } else if (number == 0 || step == 9 || (step == 14 && number == 2)) {
                        chunks.set(number, random(random, chunk, dtype));
                    }
                    writer.write(chunks.get(number).duplicate());
                }
            }
            files.add(file);
        }
        return files;
    }

    private static ByteBuffer random(SplittableRandom random, ChunkSpec chunk, Dtype dtype) {
        ByteBuffer bytes = ByteBuffer.allocate(chunk.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            double value = random.nextDouble(-1, 1);
            switch (dtype) {
                case BF16 -> bytes.putShort((short) (Float.floatToIntBits((float) value) >> 16));
                case F16 -> bytes.putShort(Float.floatToFloat16((float) value));
                case F64 -> bytes.putDouble(value);
                default -> bytes.putFloat((float) value);
            }
        }
        return bytes.flip();
    }
}
