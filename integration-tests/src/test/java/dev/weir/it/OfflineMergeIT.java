package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.it.fixture.Cli;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files far larger than the heap are merged within it, to the same bytes on one processor and on all. */
class OfflineMergeIT {
    private static final long GIGABYTE = 1_000_000_000;
    private static final long NEEDED_BYTES = 8 * GIGABYTE;
    private static final int FILES = 4;
    private static final int TENSORS = 20;
    private static final int SAMPLE_EVERY = 997;
    private static final float SHARE = (float) (1 - 0.9);
    private static final Layout LAYOUT = Layout.of(IntStream.range(0, TENSORS)
            .mapToObj(i -> new TensorSpec("layer.%02d.weight".formatted(i), Dtype.F32, List.of(GIGABYTE / 4 / TENSORS)))
            .toList());

    @TempDir
    Path folder;

    @Test
    void fourGigabytesAreMergedWithinHalfAGigabyteOfHeap() throws Exception {
        long free = Files.getFileStore(folder).getUsableSpace();
        assumeTrue(free >= NEEDED_BYTES, "needs 8 GB of free disk: " + folder + " has " + free / GIGABYTE + " GB");
        List<Path> inputs =
                IntStream.range(0, FILES).parallel().mapToObj(this::input).toList();

        Path merged = merge("merged.safetensors", inputs, "-Xmx512m");

        assertSampleIsTheRecursion(merged);
        Path alone = merge("alone.safetensors", inputs, "-Xmx512m -XX:ActiveProcessorCount=1");
        assertThat(Files.mismatch(alone, merged)).isEqualTo(-1);
        assertNothingElseIsLeft(inputs, merged, alone);
    }

    private Path merge(String name, List<Path> inputs, String jvmOptions) throws Exception {
        Path output = folder.resolve(name);
        List<String> words =
                new ArrayList<>(List.of("merge", "--operator", "ema", "--set", "decay=0.9", "-o", output.toString()));
        inputs.forEach(input -> words.add(input.toString()));
        Cli.run(words, jvmOptions).succeeded();
        return output;
    }

    private static void assertSampleIsTheRecursion(Path merged) {
        try (SafetensorsFile file = SafetensorsFile.open(merged)) {
            assertThat(file.layout()).isEqualTo(LAYOUT);
            for (int tensor = 0; tensor < TENSORS; tensor++) {
                TensorSpec spec = LAYOUT.tensors().get(tensor);
                ByteBuffer bytes = file.read(spec, 0, (int) spec.byteSize());
                for (int i = 0; i < spec.elements(); i += SAMPLE_EVERY) {
                    float mean = value(0, tensor, i);
                    for (int number = 1; number < FILES; number++) {
                        mean = Math.fma(SHARE, value(number, tensor, i) - mean, mean);
                    }
                    if (bytes.getFloat(Float.BYTES * i) != mean) {
                        assertThat(bytes.getFloat(Float.BYTES * i))
                                .as("element " + i + " of " + spec)
                                .isEqualTo(mean);
                    }
                }
            }
        }
    }

    private void assertNothingElseIsLeft(List<Path> inputs, Path... outputs) throws IOException {
        List<Path> expected = new ArrayList<>(inputs);
        expected.addAll(List.of(outputs));
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    private Path input(int number) {
        Path file = folder.resolve("step-" + number + ".safetensors");
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, LAYOUT)) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(Float.BYTES * LAYOUT.chunkElements()).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < LAYOUT.chunkCount(); i++) {
                ChunkSpec chunk = LAYOUT.chunk(i);
                bytes.clear().limit(chunk.byteSize());
                for (int k = 0; k < chunk.elements(); k++) {
                    bytes.putFloat(Float.BYTES * k, value(number, chunk.tensor(), (int) chunk.firstElement() + k));
                }
                writer.write(bytes);
            }
        }
        return file;
    }

    /** Between -0.5 and 0.5; follows from where it stands. */
    private static float value(int file, int tensor, int element) {
        int mixed = (element + 0x9e3779b9 * (file * TENSORS + tensor + 1)) * 0x85ebca6b;
        mixed = (mixed ^ mixed >>> 13) * 0xc2b2ae35;
        return ((mixed ^ mixed >>> 16) >>> 8) * 0x1p-24f - 0.5f;
    }
}
