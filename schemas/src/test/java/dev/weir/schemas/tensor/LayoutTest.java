package dev.weir.schemas.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.record.Tensor;
import dev.weir.schemas.record.TensorLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutTest {

    private static final TensorSpec WEIGHT = new TensorSpec("0.weight", Dtype.F32, List.of(64L, 784L));
    private static final TensorSpec BIAS = new TensorSpec("0.bias", Dtype.F32, List.of(64L));

    @Test
    void aChunkHasAtMostTwiceTheUsualElements() {
        List<TensorSpec> tensors = List.of(new TensorSpec("a", Dtype.F32, List.of(1_000_000L)));
        assertThat(Layout.of(tensors, 491_520).chunkCount()).isEqualTo(3);
        assertThatThrownBy(() -> Layout.of(tensors, 491_521))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("chunkElements is 491521, allowed are 2 to 491520");
    }

    @Test
    void tensorsAreInByteOrderOfTheirNames() {
        List<TensorSpec> tensors = new ArrayList<>();
        for (String name : List.of("\ud83d\ude00", "\uff5e", "é", "z", "a.b", "a", "B")) {
            tensors.add(new TensorSpec(name, Dtype.U8, List.of(1L)));
        }
        assertThat(Layout.of(tensors).tensors())
                .extracting(TensorSpec::name)
                .containsExactly("B", "a", "a.b", "z", "é", "\uff5e", "\ud83d\ude00");
    }

    @Test
    void aDuplicateNameIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layout.of(List.of(WEIGHT, BIAS, new TensorSpec("0.bias", Dtype.U8, List.of()))))
                .withMessage("tensor 0.bias is there twice, names must be unique");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void chunksCoverEveryElementOnceInOrder(long seed) {
        Random random = new Random(seed);
        List<TensorSpec> tensors = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Dtype dtype = Dtype.values()[random.nextInt(Dtype.values().length)];
            List<Long> shape =
                    random.nextInt(5) == 0 ? List.of() : List.of((long) random.nextInt(4), (long) random.nextInt(90));
            tensors.add(new TensorSpec("t" + i, dtype, shape));
        }
        int chunkElements = 2 + random.nextInt(40);
        Layout layout = Layout.of(tensors, chunkElements);
        int index = 0;
        for (int t = 0; t < layout.tensors().size(); t++) {
            TensorSpec tensor = layout.tensors().get(t);
            for (long element = 0; element < tensor.elements(); index++) {
                ChunkSpec chunk = layout.chunk(index);
                assertThat(chunk).as("seed %d chunk %d", seed, index).satisfies(c -> {
                    assertThat(c.elements()).isBetween(1, chunkElements);
                    assertThat(c.byteSize()).isLessThanOrEqualTo(4 * chunkElements);
                });
                assertThat(chunk.index()).isEqualTo(index);
                assertThat(chunk.tensor()).isEqualTo(t);
                assertThat(layout.tensorOf(chunk)).isEqualTo(tensor);
                assertThat(chunk.firstElement()).isEqualTo(element);
                assertThat(chunk.tensorByteOffset())
                        .isEqualTo(element * tensor.dtype().bytes());
                assertThat(chunk.byteSize())
                        .isEqualTo(chunk.elements() * tensor.dtype().bytes());
                element += chunk.elements();
                assertThat(element).isLessThanOrEqualTo(tensor.elements());
            }
        }
        assertThat(layout.chunkCount()).isEqualTo(index);
        assertThat(layout.byteSize())
                .isEqualTo(tensors.stream().mapToLong(TensorSpec::byteSize).sum());
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "7", "64", "1000"})
    void everyChunkTravelsInOnePartition(int partitions) {
        Layout layout = Layout.of(List.of(WEIGHT, BIAS), 1_000);
        int[] counts = new int[partitions];
        for (int chunk = 0; chunk < layout.chunkCount(); chunk++) {
            counts[Layout.partition(chunk, partitions)]++;
        }
        for (int partition = 0; partition < partitions; partition++) {
            assertThat(layout.chunksIn(partition, partitions)).isEqualTo(counts[partition]);
        }
    }

    @Test
    void aHugeModelHasAChunkAtEveryNumber() {
        TensorSpec huge = new TensorSpec("huge", Dtype.BF16, List.of(1L << 20, 1L << 26));
        Layout layout = Layout.of(List.of(huge, BIAS));
        ChunkSpec last = layout.chunk(layout.chunkCount() - 1);
        assertThat(last.firstElement() + last.elements()).isEqualTo(huge.elements());
        assertThat(layout.chunkCount()).isEqualTo(1 + (int) ((1L << 46) / 245_760 + 1));
    }

    @Test
    void whatCannotBeNumberedIsRefused() {
        TensorSpec huge = new TensorSpec("huge", Dtype.U8, List.of(1L << 62));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layout.of(List.of(huge)))
                .withMessageContaining("tensor huge");
        assertThatIllegalArgumentException().isThrownBy(() -> Layout.of(List.of(), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> Layout.of(List.of(), 1 << 29));
        assertThatIllegalArgumentException().isThrownBy(() -> Layout.partition(-1, 3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layout.of(List.of(BIAS)).chunksIn(3, 3));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> Layout.of(List.of(BIAS)).chunk(1))
                .withMessage("chunk 1 of a layout that has 1");
    }

    @Test
    void theHashIsThatOfTheCanonicalForm() throws Exception {
        ByteBuffer form = ByteBuffer.allocate(256);
        form.putInt(1_000).putInt(2);
        form.putInt(6)
                .put("0.bias".getBytes(StandardCharsets.UTF_8))
                .putInt(3)
                .put("F32".getBytes(StandardCharsets.UTF_8));
        form.putInt(1).putLong(64);
        form.putInt(8)
                .put("0.weight".getBytes(StandardCharsets.UTF_8))
                .putInt(3)
                .put("F32".getBytes(StandardCharsets.UTF_8));
        form.putInt(2).putLong(64).putLong(784);
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        sha.update(form.flip());
        Layout layout = Layout.of(List.of(WEIGHT, BIAS), 1_000);
        byte[] expected = sha.digest();
        assertThat(layout.hash()).isEqualTo(expected);
        assertThat(layout.hashRecord().bytes()).isEqualTo(expected);
        layout.hash()[0]++;
        assertThat(layout.hash()).isEqualTo(expected);
    }

    @Test
    void layoutsAreEqualByContent() {
        Layout layout = Layout.of(List.of(WEIGHT, BIAS));
        assertThat(layout)
                .isEqualTo(Layout.of(List.of(BIAS, WEIGHT)))
                .hasSameHashCodeAs(Layout.of(List.of(BIAS, WEIGHT)));
        assertThat(layout).isNotEqualTo(Layout.of(List.of(BIAS))).isNotEqualTo(Layout.of(List.of(BIAS, WEIGHT), 10));
        assertThat(layout.hash())
                .isNotEqualTo(Layout.of(List.of(BIAS, WEIGHT), 10).hash());
    }

    @Test
    void aLayoutComesBackFromItsRecord() {
        Layout layout = Layout.of(List.of(WEIGHT, BIAS, new TensorSpec("s", Dtype.BOOL, List.of())), 500);
        assertThat(Layout.fromRecord(layout.toRecord())).isEqualTo(layout);
    }

    @Test
    void aRecordThatIsNoLayoutIsRefused() {
        TensorLayout disorder = Layout.of(List.of(WEIGHT, BIAS)).toRecord();
        List<Tensor> reversed = new ArrayList<>(disorder.getTensors());
        Collections.reverse(reversed);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layout.fromRecord(new TensorLayout(reversed, 10)))
                .withMessageContaining("tensor 0.weight is number 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layout.fromRecord(new TensorLayout(List.of(new Tensor("q", "F4", List.of())), 10)))
                .withMessageStartingWith("tensor q: dtype F4");
    }

    @Test
    void theFirstDifferenceIsNamed() {
        Layout model = Layout.of(List.of(WEIGHT, BIAS));
        assertThat(model.difference(Layout.of(List.of(BIAS, WEIGHT)))).isEmpty();
        differs(
                List.of(BIAS, new TensorSpec("0.weight", Dtype.F32, List.of(64L, 783L))),
                model,
                "tensor 0.weight has shape [64, 783], the model has [64, 784]");
        differs(
                List.of(BIAS, new TensorSpec("0.weight", Dtype.F16, List.of(64L, 784L))),
                model,
                "tensor 0.weight has dtype F16, the model has F32");
        differs(List.of(WEIGHT), model, "tensor 0.bias is missing, the model has it");
        differs(List.of(BIAS), model, "tensor 0.weight is missing, the model has it");
        differs(
                List.of(BIAS, WEIGHT, new TensorSpec("x", Dtype.U8, List.of())),
                model,
                "tensor x is extra, the model does not have it");
        assertThat(Layout.of(List.of(BIAS, WEIGHT), 10).difference(model))
                .contains("chunks have 10 elements, the model's have 245760");
    }

    private static void differs(List<TensorSpec> tensors, Layout model, String sentence) {
        assertThat(Layout.of(tensors).difference(model)).contains(sentence);
    }
}
