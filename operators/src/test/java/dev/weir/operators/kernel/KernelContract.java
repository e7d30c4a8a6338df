package dev.weir.operators.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel against a slow, obvious reference; sizes are prime or at the edges, so that tails are hit. */
abstract class KernelContract {
    private final Kernel kernel = Kernel.create();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 16, 2047, 2048, 2049, 4099})
    void lerpIsOneFusedMultiplyAddAnElement(int elements) {
        for (Dtype dtype : List.of(Dtype.F32, Dtype.BF16, Dtype.F16)) {
            Random random = new Random(elements);
            float[] mean = floats(random, elements);
            byte[] theta = new byte[elements * dtype.bytes()];
            double[] values = random.doubles(elements, -3, 3).toArray();
            kernel.encode64(values, elements, dtype, MemorySegment.ofArray(theta), 0);
            kernel.decode64(MemorySegment.ofArray(theta), dtype, 0, elements, values);
            float[] expected = new float[elements];
            for (int i = 0; i < elements; i++) {
                expected[i] = Math.fma(0.1f, (float) values[i] - mean[i], mean[i]);
            }
            kernel.lerp32(MemorySegment.ofArray(mean), MemorySegment.ofArray(theta), dtype, elements, 0.1f);
            assertThat(mean).as(dtype.name()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
    void whatIsDecodedToF64IsEncodedToTheSameBits(Dtype dtype) {
        int elements = 4099;
        byte[] bytes = new byte[elements * dtype.bytes()];
        double[] values = new Random(3).doubles(elements, -3, 3).toArray();
        kernel.encode64(values, elements, dtype, MemorySegment.ofArray(bytes), 0);
        double[] decoded = new double[elements];
        kernel.decode64(MemorySegment.ofArray(bytes), dtype, 0, elements, decoded);
        byte[] again = new byte[bytes.length];
        int cut = 2051;
        double[] rest = new double[elements - cut];
        kernel.decode64(MemorySegment.ofArray(bytes), dtype, cut, rest.length, rest);
        kernel.encode64(decoded, cut, dtype, MemorySegment.ofArray(again), 0);
        kernel.encode64(rest, rest.length, dtype, MemorySegment.ofArray(again), cut);
        assertThat(again).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 1021, 2048})
    void dotProductsAreEightInterleavedSums(int elements) {
        Random random = new Random(elements);
        double[] a = random.doubles(elements, -1, 1).toArray();
        double[] b = random.doubles(elements, -1, 1).toArray();
        double[] sums = new double[9];
        for (int i = 0; i < elements; i++) {
            int lane = i < elements / 8 * 8 ? i % 8 : 8;
            sums[lane] = Math.fma(a[i], b[i], sums[lane]);
        }
        double expected =
                ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7])) + sums[8];
        assertThat(kernel.dot64(a, b, elements)).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
    void severalMeansInOnePassHaveTheBitsOfOnePassEach(Dtype dtype) {
        float[] shares = {0.1f, 0.001f, 0.5f, 0.03f, 1, 0.2f, 0.3f, 0.4f, 0.6f, 0.7f, 0.25f};
        for (int elements : new int[] {0, 1, 7, 2049, 4099}) {
            byte[] theta = new byte[elements * dtype.bytes()];
            double[] values = new Random(elements).doubles(elements, -3, 3).toArray();
            kernel.encode64(values, elements, dtype, MemorySegment.ofArray(theta), 0);
            float[][] together = new float[shares.length][];
            float[][] alone = new float[shares.length][];
            for (int k = 0; k < shares.length; k++) {
                together[k] = floats(new Random(k), elements);
                alone[k] = together[k].clone();
                kernel.lerp32(
                        MemorySegment.ofArray(alone[k]), MemorySegment.ofArray(theta), dtype, elements, shares[k]);
            }
            MemorySegment[] means =
                    Arrays.stream(together).map(MemorySegment::ofArray).toArray(MemorySegment[]::new);
            kernel.lerps32(means, MemorySegment.ofArray(theta), dtype, elements, shares);
            assertThat(together).as(elements + " elements").isDeepEqualTo(alone);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
    void twoThetasInOnePassHaveTheBitsOfOnePassEach(Dtype dtype) {
        float[] first = {0.1f, 0.001f, 0.5f, 0.03f, 1, 0.2f, 0.3f, 0.4f, 0.6f, 0.7f, 0.25f, 0.9f};
        float[] second = {0.2f, 0.002f, 0.5f, 0.04f, 0.1f, 1, 0.2f, 0.1f, 0.5f, 1, 0.75f, 0.8f};
        for (int elements : new int[] {0, 1, 7, 2049, 4099}) {
            byte[][] thetas = new byte[2][elements * dtype.bytes()];
            for (int n = 0; n < 2; n++) {
                double[] values =
                        new Random(elements + n).doubles(elements, -3, 3).toArray();
                kernel.encode64(values, elements, dtype, MemorySegment.ofArray(thetas[n]), 0);
            }
            float[][] together = new float[first.length][];
            float[][] alone = new float[first.length][];
            for (int k = 0; k < first.length; k++) {
                together[k] = floats(new Random(k), elements);
                alone[k] = together[k].clone();
                MemorySegment mean = MemorySegment.ofArray(alone[k]);
                kernel.lerp32(mean, MemorySegment.ofArray(thetas[0]), dtype, elements, first[k]);
                kernel.lerp32(mean, MemorySegment.ofArray(thetas[1]), dtype, elements, second[k]);
            }
            kernel.lerps32(
                    Arrays.stream(together).map(MemorySegment::ofArray).toArray(MemorySegment[]::new),
                    MemorySegment.ofArray(thetas[0]),
                    MemorySegment.ofArray(thetas[1]),
                    dtype,
                    elements,
                    first,
                    second);
            assertThat(together).as(elements + " elements").isDeepEqualTo(alone);
        }
    }

    @Test
    void aShareOfOneCopiesEveryBit() {
        float[] theta = {-0.0f, Float.MIN_VALUE, 1e30f, -1e-30f};
        float[] mean = {1, 1e30f, 1, 1};
        kernel.lerp32(MemorySegment.ofArray(mean), MemorySegment.ofArray(theta), Dtype.F32, 4, 1);
        for (int i = 0; i < theta.length; i++) {
            assertThat(Float.floatToRawIntBits(mean[i])).isEqualTo(Float.floatToRawIntBits(theta[i]));
        }
    }

    @Test
    void bf16DecodesAndRoundsToNearestEvenForEveryPattern() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = Float.intBitsToFloat(bits << 16);
            if (Float.isNaN(value)) {
                assertThat(Float.isNaN(Float.intBitsToFloat(FloatCodec.bf16(value) << 16)))
                        .isTrue();
            } else {
                assertThat(FloatCodec.bf16(value)).isEqualTo((short) bits);
            }
        }
        assertThat(FloatCodec.bf16(Float.intBitsToFloat(0x3f808000)))
                .as("a tie goes to even")
                .isEqualTo((short) 0x3f80);
        assertThat(FloatCodec.bf16(Float.intBitsToFloat(0x3f818000)))
                .as("a tie goes to even")
                .isEqualTo((short) 0x3f82);
        assertThat(FloatCodec.bf16(Float.intBitsToFloat(0x3f808001))).isEqualTo((short) 0x3f81);
    }

    @Test
    void eightBitFloatsHaveTheValuesOfTheirSpecification() {
        assertThat(decode(Dtype.F8_E4M3, 0x7e)).isEqualTo(448f);
        assertThat(decode(Dtype.F8_E4M3, 0x01)).isEqualTo(0x1p-9f);
        assertThat(decode(Dtype.F8_E4M3, 0x7f)).isNaN();
        assertThat(decode(Dtype.F8_E5M2, 0x7b)).isEqualTo(57_344f);
        assertThat(decode(Dtype.F8_E5M2, 0x01)).isEqualTo(0x1p-16f);
        assertThat(decode(Dtype.F8_E5M2, 0x7c)).isEqualTo(Float.POSITIVE_INFINITY);
    }

    @Test
    void eightBitFloatsRoundTripAndRoundToTheNearest() {
        for (Dtype dtype : new Dtype[] {Dtype.F8_E4M3, Dtype.F8_E5M2}) {
            for (int code = 0; code < 256; code++) {
                float value = decode(dtype, code);
                if (Float.isFinite(value)) {
                    assertThat(encode(dtype, value)).as(dtype + " " + code).isEqualTo(code);
                    float next = decode(dtype, (code & 0x80) | Math.min((code & 0x7f) + 1, 0x7f));
                    if (Float.isFinite(next)) {
                        int even = (code & 1) == 0 ? code : code + 1;
                        assertThat(encode(dtype, (value + next) / 2))
                                .as(dtype + " tie after " + code)
                                .isEqualTo(even);
                    }
                }
            }
        }
    }

    @Test
    void theFirstNonFiniteElementIsFound() {
        float[] values = new float[5000];
        assertThat(kernel.firstNonFinite(MemorySegment.ofArray(values), Dtype.F32, 5000))
                .isEqualTo(-1);
        values[4321] = Float.NaN;
        values[4400] = Float.POSITIVE_INFINITY;
        assertThat(kernel.firstNonFinite(MemorySegment.ofArray(values), Dtype.F32, 5000))
                .isEqualTo(4321);
    }

    private static float decode(Dtype dtype, int code) {
        float[] to = new float[1];
        FloatCodec.decode(MemorySegment.ofArray(new byte[] {(byte) code}), dtype, 0, 1, to);
        return to[0];
    }

    private static int encode(Dtype dtype, float value) {
        MemorySegment to = MemorySegment.ofArray(new byte[1]);
        FloatCodec.encode(new float[] {value}, 1, dtype, to, 0);
        return to.get(ValueLayout.JAVA_BYTE, 0) & 0xff;
    }

    private static float[] floats(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
