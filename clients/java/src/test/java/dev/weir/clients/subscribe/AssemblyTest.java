package dev.weir.clients.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedKey;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.TensorLayout;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AssemblyTest {

    private static final Connection CONNECTION = new Connection("b:1", "mock://AssemblyTest");

    @TempDir
    Path temporary;

    private final RecordCodec codec =
            Registry.connect("mock://AssemblyTest", Map.of()).codec();
    private final Manifest manifest = Snapshots.manifest("ema", 3);
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final ChunkReader reader = new ChunkReader(consumer, codec, CONNECTION, "mnist.merged", manifest);

    @Test
    void theFileHoldsTheTensorsThatAreNotSkipped() {
        add(0, 100, Snapshots.chunk("ema", 3, 0));
        add(1, 100, Snapshots.chunk("ema", 3, 1));
        add(1, 101, Snapshots.chunk("ema", 3, 3));
        addEnds();

        Path file = write();

        try (SafetensorsFile written = SafetensorsFile.open(file)) {
            assertThat(written.layout().tensors()).extracting(TensorSpec::name).containsExactly("a", "z");
            assertThat(written.read(written.layout().tensors().get(1), 0, 4)).isEqualTo(Snapshots.bytes(3, 3));
        }
    }

    @Test
    void recordsOfOtherVersionsInBetweenArePassedBy() {
        add(0, 100, Snapshots.chunk("ema", 2, 0));
        add(0, 101, Snapshots.chunk("swa", 3, 0));
        consumer.addRecord(new ConsumerRecord<>("mnist.merged", 0, 102, key(1, 0), null));
        add(0, 103, Snapshots.chunk("ema", 3, 0));
        add(1, 100, Snapshots.chunk("ema", 3, 1));
        add(1, 105, Snapshots.chunk("ema", 3, 3));
        addEnds();

        assertThat(write()).exists();
    }

    @Test
    void aChunkThatIsGoneIsNamedWithWhatKeepsIt() {
        add(0, 100, Snapshots.chunk("ema", 3, 0));
        add(1, 101, Snapshots.chunk("ema", 3, 3));
        addEnds();

        assertThatThrownBy(this::write)
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("channel ema version 3: chunk 1 is gone, the version has been retired")
                .hasMessageContaining("`retain`");
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void aRangeThatHoldsNothingMoreEndsTheSearch() {
        add(0, 110, Snapshots.chunk("ema", 4, 0));

        assertThatThrownBy(this::write).hasMessageContaining("chunk 0 is gone");
    }

    @Test
    void aSlowDiskIsNotHeldAgainstTheBroker() throws InterruptedException {
        Connection patient = new Connection("b:1", "mock://AssemblyTest", Map.of(), Duration.ofMillis(300));
        ChunkReader slowly = new ChunkReader(consumer, codec, patient, "mnist.merged", manifest);
        add(0, 100, Snapshots.chunk("ema", 3, 0));
        assertThat(slowly.next(0, 0).getChunk()).isZero();
        Thread.sleep(400);
        consumer.schedulePollTask(() -> {});
        consumer.schedulePollTask(() -> add(1, 100, Snapshots.chunk("ema", 3, 1)));

        assertThat(slowly.next(1, 1).getChunk()).isOne();
    }

    @Test
    void aFlippedByteIsFoundByTheChecksum() {
        MergedChunk sound = Snapshots.chunk("ema", 3, 0);
        ByteBuffer flipped = ByteBuffer.wrap(sound.getPayload().array().clone());
        flipped.put(5, (byte) 99);

        assertThatThrownBy(() -> new Assembly(manifest)
                        .write(
                                (partition, number) -> with(sound, flipped, sound.getCrc32c()),
                                file(),
                                Collections.emptySortedMap()))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("tensor a chunk 0 is not what its record's checksum says");
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void otherBytesWithASoundChecksumAreFoundByTheDigests() {
        ByteBuffer other = Snapshots.bytes(4, 0);
        Assembly.Chunks chunks = (partition, number) -> {
            MergedChunk chunk = Snapshots.chunk("ema", 3, number);
            return number == 0 ? with(chunk, other, Crc.crc32c(other)) : chunk;
        };

        assertThatThrownBy(() -> new Assembly(manifest).write(chunks, file(), Collections.emptySortedMap()))
                .hasMessageContaining(
                        "the 1 chunks of partition 0 are not the 1 that the manifest's part digest names");
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void theDigestOfTheWholeIsCheckedLast() {
        Manifest wrong = Snapshots.manifest("ema", 3, new Sha256(new byte[32]));

        assertThatThrownBy(() -> new Assembly(wrong)
                        .write(
                                (partition, number) -> Snapshots.chunk("ema", 3, number),
                                file(),
                                Collections.emptySortedMap()))
                .hasMessageContaining("its contents have digest");
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void aManifestOfNoModelIsDamaged() {
        TensorLayout swapped = new TensorLayout(
                List.of(
                        manifest.getLayout().getTensors().get(1),
                        manifest.getLayout().getTensors().get(0)),
                manifest.getLayout().getChunkElements());
        Manifest unordered = Snapshots.manifest("ema", 3);
        unordered.put("layout", swapped);
        Manifest partless = Snapshots.manifest("ema", 3);
        partless.put("parts", List.of());

        assertThatThrownBy(() -> write(unordered))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("channel ema version 3: its manifest's layout is none")
                .hasMessageContaining("tensors must be in byte order");
        assertThatThrownBy(() -> write(partless))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("channel ema version 3: its manifest names no parts");
        assertThat(temporary).isEmptyDirectory();
    }

    private Path write() {
        return write(manifest);
    }

    private Path write(Manifest one) {
        new Assembly(one).write(reader::next, file(), Collections.emptySortedMap());
        return file();
    }

    private Path file() {
        return temporary.resolve("model.safetensors");
    }

    private void add(int partition, long offset, MergedChunk chunk) {
        byte[] key = codec.write(new MergedKey(1, chunk.getChannel(), chunk.getVersion(), chunk.getChunk()));
        consumer.addRecord(new ConsumerRecord<>("mnist.merged", partition, offset, key, codec.write(chunk)));
    }

    private void addEnds() {
        for (int partition = 0; partition < Snapshots.PARTITIONS; partition++) {
            byte[] key = key(3, -1 - partition);
            consumer.addRecord(new ConsumerRecord<>("mnist.merged", partition, 109, key, new byte[0]));
        }
    }

    private byte[] key(long version, int chunk) {
        return codec.write(new MergedKey(1, "ema", version, chunk));
    }

    private static MergedChunk with(MergedChunk chunk, ByteBuffer payload, int crc) {
        return new MergedChunk(
                1,
                chunk.getChannel(),
                chunk.getVersion(),
                chunk.getSeq(),
                chunk.getLayoutHash(),
                chunk.getChunk(),
                crc,
                payload);
    }
}
