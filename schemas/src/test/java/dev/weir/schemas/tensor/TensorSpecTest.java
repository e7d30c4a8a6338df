package dev.weir.schemas.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TensorSpecTest {

    @ParameterizedTest
    @CsvSource({
        "F64,8,true", "F32,4,true", "F16,2,true", "BF16,2,true", "F8_E4M3,1,true", "F8_E5M2,1,true", "I64,8,false",
        "I32,4,false", "I16,2,false", "I8,1,false", "U64,8,false", "U32,4,false", "U16,2,false", "U8,1,false",
        "BOOL,1,false"
    })
    void everyDtypeHasItsLabelAndSize(String label, int bytes, boolean isFloat) {
        Dtype dtype = Dtype.of(label);
        assertThat(dtype.label()).isEqualTo(label);
        assertThat(dtype.bytes()).isEqualTo(bytes);
        assertThat(dtype.isFloat()).isEqualTo(isFloat);
        assertThat(new TensorSpec("t", dtype, List.of(3L, 5L)).byteSize()).isEqualTo(15L * bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"F4", "f32", "", "C64"})
    void anUnknownDtypeIsRefusedByName(String label) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dtype.of(label))
                .withMessageStartingWith("dtype " + label + " is not one of [F64, F32,");
    }

    @Test
    void aScalarHasOneElementAndAnEmptyDimensionNone() {
        assertThat(new TensorSpec("s", Dtype.F64, List.of()).elements()).isEqualTo(1);
        assertThat(new TensorSpec("z", Dtype.F64, List.of(4L, 0L)).elements()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\0b", "\ud800", "__metadata__"})
    void aNameThatCannotTravelIsRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TensorSpec(name, Dtype.U8, List.of()))
                .withMessageContaining("name");
    }

    @Test
    void sizesThatExceedALongAreRefused() {
        refused("t", Dtype.U8, List.of(-1L), "dimensions must be 0 or more");
        refused("t", Dtype.U8, List.of(1L << 32, 1L << 32), "exceeds a long");
        refused("t", Dtype.F64, List.of(1L << 61), "exceeds a long");
        refused("t", Dtype.U8, Collections.nCopies(65, 1L), "at most 64");
        refused("x".repeat(4_097), Dtype.U8, List.of(), "at most 4096");
    }

    @Test
    void theShapeIsACopy() {
        List<Long> shape = new ArrayList<>(List.of(2L));
        TensorSpec spec = new TensorSpec("t", Dtype.U8, shape);
        shape.set(0, 3L);
        assertThat(spec.shape()).containsExactly(2L);
    }

    private static void refused(String name, Dtype dtype, List<Long> shape, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TensorSpec(name, dtype, shape))
                .withMessageContaining(why);
    }
}
