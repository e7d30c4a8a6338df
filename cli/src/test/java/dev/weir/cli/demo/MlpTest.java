package dev.weir.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MlpTest {

    @TempDir
    private Path dir;

    private final Mlp model = Mlp.initial(Draws.of(7, Draws.Purpose.RELEASE_1_WEIGHTS));

    @Test
    void startsWithinPyTorchsBounds() {
        float[] values = model.values();
        for (int p = 0; p < values.length; p++) {
            double bound = p < Mlp.BIAS_2 ? 1 / Math.sqrt(64) : 1 / Math.sqrt(32);
            assertThat((double) values[p]).isBetween(-bound, bound + 1e-6).isNotZero();
        }
    }

    @Test
    void aFileHoldsItBitForBit() {
        Path path = dir.resolve("model.safetensors");
        model.write(path);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(Mlp.read(file).values()).isEqualTo(model.values());
            assertThat(Mlp.read(file).digest()).isEqualTo(model.digest());
            TensorSpec weight = new TensorSpec("0.weight", Dtype.F32, List.of(32L, 64L));
            float third = file.read(weight, 4 * (3 * 64 + 5), 4).getFloat();
            assertThat(third).isEqualTo(model.values()[Mlp.WEIGHT_1 + 3 * 64 + 5]);
        }
    }

    @Test
    void aFileOfAnotherModelIsRefused() {
        Path path = dir.resolve("other.safetensors");
        Layout other = Layout.of(List.of(new TensorSpec("0.bias", Dtype.F32, List.of(1L))));
        try (SafetensorsWriter writer = SafetensorsWriter.create(path, other)) {
            writer.write(ByteBuffer.allocate(4));
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThatThrownBy(() -> Mlp.read(file))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no model of the demo");
        }
    }

    @Test
    void chunksAreLittleEndian() {
        ByteBuffer bias = model.source().read(Mlp.LAYOUT.chunk(0));
        assertThat(bias.duplicate().order(ByteOrder.LITTLE_ENDIAN).getFloat()).isEqualTo(model.values()[0]);
    }

    @Test
    void aTieGoesToTheLowestClass() {
        float[] values = new float[Mlp.PARAMETERS];
        values[Mlp.BIAS_2 + 4] = 1;
        values[Mlp.BIAS_2 + 6] = 1;
        assertThat(Mlp.of(values).predict(new float[64])).isEqualTo(4);
        assertThat(Mlp.of(new float[Mlp.PARAMETERS]).predict(new float[64])).isZero();
    }

    @Test
    void aWrongNumberOfParametersIsRefused() {
        assertThatThrownBy(() -> Mlp.of(new float[3])).hasMessage("3 parameters, needed: 2410");
    }
}
