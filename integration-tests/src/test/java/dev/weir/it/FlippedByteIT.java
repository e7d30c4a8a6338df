package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.Segment;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.tensor.Crc;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** One flipped byte of a merged chunk, and replay names the version and the tensor. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FlippedByteIT {

    @TempDir
    private static Path dir;

    private Ports ports;
    private UpProcess up;
    private Model model;
    private List<ConsumerRecord<byte[], byte[]>> merged;

    @BeforeAll
    void start() throws Exception {
        ports = Ports.free();
        up = UpProcess.start(dir.resolve("data"), ports).awaitReady();
        model = Model.apply(up, "flip", Model.ema(0.9));
        try (Publisher publisher = model.publisher("run-1", Weights.random(Weights.SMALL, 0))) {
            for (int step = 1; step <= 5; step++) {
                publisher.publish(step, Weights.random(Weights.SMALL, step).source());
            }
        }
        merged = model.records(model.topics().merged());
        up.here("replay", "--model", "flip", "--verify").succeeded();
    }

    @AfterAll
    void stop() {
        if (model != null) {
            model.close();
        }
        up.close();
    }

    @Test
    void aRecordThatReplacesAChunk() throws Exception {
        ConsumerRecord<byte[], byte[]> found = find(2, 3);
        MergedChunk chunk = model.codec().read(found.value(), MergedChunk.class);
        byte[] payload = new byte[chunk.getPayload().remaining()];
        chunk.getPayload().duplicate().get(payload);
        payload[payload.length / 2] ^= 1;
        ByteBuffer flippedBytes = ByteBuffer.wrap(payload);
        MergedChunk flipped = new MergedChunk(
                1,
                chunk.getChannel(),
                chunk.getVersion(),
                chunk.getSeq(),
                chunk.getLayoutHash(),
                chunk.getChunk(),
                Crc.crc32c(flippedBytes),
                flippedBytes);
        try (Producer<byte[], byte[]> producer = model.connection().producer(Map.of(), Map.of())) {
            byte[] value = model.codec().write(flipped);
            producer.send(new ProducerRecord<>(found.topic(), found.partition(), found.key(), value))
                    .get(30, TimeUnit.SECONDS);
        }
        assertNames(replay(), 2, "head");
    }

    /** Of two versions, in two partitions: one with the broker's checksum as it was, one with that mended. */
    @Test
    void bytesInTheBrokersFiles(@TempDir Path out) throws Exception {
        up.stop();
        flip(find(3, 0), false);
        flip(find(4, 2), true);
        up = UpProcess.start(dir.resolve("data"), ports).awaitReady();
        Cli.Result replay = replay();
        assertNames(replay, 3, "bias");
        assertNames(replay, 4, "embed");
        assertNothingIsPulled(3, out);
        assertNothingIsPulled(4, out);
    }

    private static void flip(ConsumerRecord<byte[], byte[]> found, boolean mendChecksum) throws Exception {
        Path log = dir.resolve("data/kafka").resolve(found.topic() + "-" + found.partition());
        Segment.flip(log.resolve("00000000000000000000.log"), found.value(), mendChecksum);
    }

    private void assertNothingIsPulled(long version, Path out) throws Exception {
        Cli.Result pull = up.weir(
                "pull",
                "--model",
                "flip",
                "--channel",
                "ema-0.9",
                "--version",
                Long.toString(version),
                "--out",
                out.toString());
        assertThat(pull.exit()).isEqualTo(1);
        assertThat(pull.err()).hasLineCount(1);
        assertThat(out.resolve("current")).doesNotExist();
    }

    private ConsumerRecord<byte[], byte[]> find(long version, int number) {
        return merged.stream()
                .filter(next -> next.value() != null
                        && model.codec().read(next.value()) instanceof MergedChunk chunk
                        && chunk.getVersion() == version
                        && chunk.getChunk() == number)
                .findFirst()
                .orElseThrow();
    }

    private Cli.Result replay() throws Exception {
        return up.here("replay", "--model", "flip", "--verify", "--json");
    }

    private static void assertNames(Cli.Result replay, long version, String tensor) {
        assertThat(replay.exit()).as(replay.err()).isEqualTo(1);
        assertThat(replay.err()).startsWith("weir: replay of flip: channel ema-0.9 version ");
        assertThat(replay.json().path("equal").asInt())
                .isLessThan(replay.json().path("snapshots").asInt());
        assertThat(replay.json().path("differences"))
                .anyMatch((JsonNode one) -> one.path("channel").asText().equals("ema-0.9")
                        && one.path("version").asLong() == version
                        && one.path("tensor").asText().equals(tensor));
    }
}
