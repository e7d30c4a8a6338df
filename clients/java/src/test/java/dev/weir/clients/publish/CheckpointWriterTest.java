package dev.weir.clients.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Run;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.SideInput;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.ContentDigest;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

final class CheckpointWriterTest {

    private static final Layout LAYOUT = Layout.of(
            List.of(new TensorSpec("b", Dtype.F32, List.of(7L)), new TensorSpec("a", Dtype.I64, List.of(2L))), 4);
    private static final int PARTITIONS = 5;

    private final RecordCodec codec =
            Registry.connect("mock://CheckpointWriterTest", Map.of()).codec();
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Transactions transactions = new Transactions(producer, () -> 0);

    CheckpointWriterTest() {
        producer.initTransactions();
    }

    @Test
    void chunksGoToTheirPartitionsInOrderAndAnEndToEveryPartition() {
        write();

        List<ProducerRecord<byte[], byte[]>> sent = producer.history();
        assertThat(sent).extracting(ProducerRecord::partition).containsExactly(0, 1, 2, 0, 1, 2, 3, 4);
        assertThat(sent.stream().map(r -> codec.read(r.key(), DeltaKey.class)))
                .extracting(DeltaKey::getRun, DeltaKey::getNumber, DeltaKey::getChunk)
                .startsWith(
                        org.assertj.core.groups.Tuple.tuple("r", 420L, 0),
                        org.assertj.core.groups.Tuple.tuple("r", 420L, 1),
                        org.assertj.core.groups.Tuple.tuple("r", 420L, 2))
                .endsWith(org.assertj.core.groups.Tuple.tuple("r", 420L, -1));
    }

    @Test
    void aChunkCarriesItsBytesAndTheirChecksum() {
        write();

        Chunk chunk = codec.read(producer.history().get(2).value(), Chunk.class);
        assertThat(chunk.getPayload()).isEqualTo(bytes(2));
        assertThat(chunk.getCrc32c()).isEqualTo(Crc.crc32c(bytes(2)));
        assertThat(chunk.getLayoutHash()).isEqualTo(LAYOUT.hashRecord());
        assertThat(chunk.getEpoch()).isEqualTo(3);
    }

    @Test
    void anEndCarriesThePartsDigestAndTheContentDigest() {
        write();

        End end = codec.read(producer.history().get(4).value(), End.class);
        PartDigest part = new PartDigest();
        part.add(1, Crc.crc32c(bytes(1)));
        ContentDigest content = new ContentDigest(LAYOUT);
        for (int i = 0; i < LAYOUT.chunkCount(); i++) {
            content.update(bytes(i));
        }
        assertThat(end.getPartition()).isEqualTo(1);
        assertThat(end.getChunks()).isEqualTo(1);
        assertThat(end.getDigest()).isEqualTo(new Sha256(part.finish()));
        assertThat(end.getCheckpointDigest()).isEqualTo(new Sha256(content.finish()));
    }

    @Test
    void aPartitionWithoutChunksIsEndedToo() {
        write();

        End end = codec.read(producer.history().get(7).value(), End.class);
        assertThat(end.getPartition()).isEqualTo(4);
        assertThat(end.getChunks()).isZero();
    }

    @Test
    void sideInputsGoWithTheEndsInOneTransaction() {
        writer().write(420, chunk -> bytes(chunk.index()), Map.of("loss", 0.25, "samples", 64.0), Map.of(), -1);

        List<ProducerRecord<byte[], byte[]>> sent = producer.history();
        assertThat(sent.subList(3, 5)).extracting(ProducerRecord::topic).containsOnly("mnist.side-inputs");
        assertThat(codec.read(sent.get(3).value(), SideInput.class))
                .isEqualTo(new SideInput(1, "r", 420L, "", 0L, "loss", 0.25, "trainer"));
        assertThat(producer.commitCount()).isEqualTo(1);
        assertThatThrownBy(() -> writer().write(430, chunk -> bytes(0), Map.of("loss", Double.NaN), Map.of(), -1))
                .hasMessageContaining("side input loss: is NaN; allowed: finite numbers");
    }

    @Test
    void companionsOfFloatTensorsGoBehindTheirChunksAndIntoTheDigests() {
        Map<String, WeightSource> companions =
                Map.of("mask", chunk -> numbers(chunk, 1), "fisher", chunk -> numbers(chunk, 2));
        writer().write(420, chunk -> bytes(chunk.index()), Map.of(), companions, -1);

        List<ProducerRecord<byte[], byte[]>> sent = producer.history();
        assertThat(sent).extracting(ProducerRecord::partition).containsExactly(0, 1, 1, 1, 2, 2, 2, 0, 1, 2, 3, 4);
        assertThat(sent.stream().limit(7).map(r -> codec.read(r.value(), Chunk.class)))
                .extracting(Chunk::getChunk)
                .containsExactly(0, 1, 4, 7, 2, 5, 8);
        assertThat(codec.read(sent.get(5).value(), Chunk.class).getPayload())
                .isEqualTo(ByteBuffer.wrap(new byte[] {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}));
        End end = codec.read(sent.get(9).value(), End.class);
        assertThat(end.getCompanions()).containsExactly("fisher", "mask");
        assertThat(end.getChunks()).isEqualTo(3);
        PartDigest part = new PartDigest();
        part.add(2, Crc.crc32c(bytes(2)));
        part.add(5, Crc.crc32c(numbers(LAYOUT.chunk(2), 2)));
        part.add(8, Crc.crc32c(numbers(LAYOUT.chunk(2), 1)));
        assertThat(end.getDigest()).isEqualTo(new Sha256(part.finish()));
        assertThatThrownBy(() -> writer().write(
                                430,
                                chunk -> bytes(chunk.index()),
                                Map.of(),
                                Map.of("fisher", chunk -> ByteBuffer.allocate(3)),
                                -1))
                .hasMessageContaining(
                        "companion of tensor b: has 3 bytes for 4 elements; allowed: an f32 for each element");
    }

    @Test
    void bytesThatAreNoChunkOfTheLayoutAreRefused() {
        assertThatThrownBy(() -> writer().write(420, chunk -> ByteBuffer.allocate(1), Map.of(), Map.of(), -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("chunk 0 of tensor a");
    }

    @Test
    void anEpochOpensWithItsNumberItsLayoutAndItsProvenanceInEveryPartition() {
        List<ProducerRecord<byte[], byte[]>> opening = Epoch.opening(
                codec, new Topics("mnist"), PARTITIONS, "r", 3, LAYOUT, true, Map.of("ancestor", "vit-b16"));

        assertThat(opening).hasSize(1 + PARTITIONS);
        assertThat(codec.read(opening.get(0).value(), Run.class)).isEqualTo(new Run(1, "r", 3L));
        assertThat(opening.get(0).topic()).isEqualTo("mnist.runs");
        for (int partition = 0; partition < PARTITIONS; partition++) {
            ProducerRecord<byte[], byte[]> sent = opening.get(1 + partition);
            SpecificRecord open = codec.read(sent.value());
            assertThat(sent.partition()).isEqualTo(partition);
            assertThat(open)
                    .isEqualTo(new Open(
                            1, "r", 3L, LAYOUT.hashRecord(), LAYOUT.toRecord(), true, Map.of("ancestor", "vit-b16")));
        }
    }

    private void write() {
        writer().write(420, chunk -> bytes(chunk.index()), Map.of(), Map.of(), -1);
    }

    private CheckpointWriter writer() {
        return new CheckpointWriter(
                transactions,
                codec,
                "mnist",
                PARTITIONS,
                "r",
                3,
                LAYOUT,
                new DeltaWriter(Deltas.NONE, LAYOUT, () -> 0));
    }

    private static ByteBuffer numbers(ChunkSpec chunk, int fill) {
        byte[] bytes = new byte[4 * chunk.elements()];
        java.util.Arrays.fill(bytes, (byte) fill);
        return ByteBuffer.wrap(bytes);
    }

    private static ByteBuffer bytes(int chunk) {
        byte[] bytes = new byte[LAYOUT.chunk(chunk).byteSize()];
        java.util.Arrays.fill(bytes, (byte) (chunk + 1));
        return ByteBuffer.wrap(bytes);
    }
}
