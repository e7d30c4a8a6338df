package dev.weir.clients.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.weir.clients.ClientException;
import dev.weir.schemas.record.ChannelUpdate;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.SnapshotKey;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

final class VerdictReaderTest {

    private static final TopicPartition DECISIONS = new TopicPartition("m.decisions", 0);
    private static final TopicPartition SNAPSHOTS = new TopicPartition("m.snapshots", 0);
    private static final Sha256 DIGEST = new Sha256(new byte[32]);
    private static final Duration SHORT = Duration.ofMillis(30);

    private final RecordCodec codec =
            Registry.connect("mock://VerdictReaderTest", Map.of()).codec();
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final VerdictReader verdicts;
    private long decisionOffset = 10;
    private long snapshotOffset = 20;

    VerdictReaderTest() {
        consumer.updateBeginningOffsets(Map.of(DECISIONS, 0L, SNAPSHOTS, 18L));
        consumer.updateEndOffsets(Map.of(DECISIONS, 10L, SNAPSHOTS, 20L));
        verdicts = new VerdictReader(consumer, codec, new Topics("m"), "r", "b:1");
    }

    @Test
    void anAcceptedCheckpointIsOverWhenEveryDueSnapshotIsComplete() {
        decide(3, 7, Verdict.COMMIT, "", update("ema", 4), update("swa", 0));
        complete("ema", 3);
        assertThatThrownBy(() -> verdicts.await(3, 7, SHORT))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("snapshots are not complete: {ema=4}")
                .hasMessageContaining("`weir status`");

        complete("ema", 4);

        assertThat(verdicts.await(3, 7, SHORT))
                .isEqualTo(new Outcome.Accepted(1, Map.of("ema", 4L), Map.of("kalman", "input-missing: loss")));
    }

    @Test
    void aRejectedOneSaysWhy() {
        decide(3, 7, Verdict.REJECT, "non-finite: tensor w element 3 is NaN or infinite");

        assertThat(verdicts.await(3, 7, SHORT))
                .isEqualTo(new Outcome.Rejected(1, "non-finite: tensor w element 3 is NaN or infinite"));
    }

    @Test
    void oneThatTimedOutIsRejected() {
        decide(3, 7, Verdict.ABORT, "timeout: partitions [1] never ended it");

        assertThat(verdicts.await(3, 7, SHORT)).isInstanceOf(Outcome.Rejected.class);
    }

    @Test
    void aSupersededOneMeansThatThePublisherIsFenced() {
        decide(3, 7, Verdict.ABORT, "superseded: epoch 4 opened before partitions [1] ended it");

        assertThatThrownBy(() -> verdicts.await(3, 7, SHORT))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("run r: fenced by a newer publisher");
    }

    @Test
    void aDuplicateWaitsForTheSnapshotsOfItsFirstAcceptance() {
        decide(3, 7, Verdict.REJECT, "duplicate: accepted before as decision 1", update("ema", 4));
        consumer.schedulePollTask(() -> {});
        consumer.schedulePollTask(() -> snapshot(18, "ema", 4));

        Outcome outcome = verdicts.await(3, 7, Duration.ofSeconds(5));

        assertThat(outcome)
                .isEqualTo(new Outcome.Duplicate(1, Map.of("ema", 4L), "duplicate: accepted before as decision 1"));
    }

    @Test
    void decisionsOfOthersAreNotOurs() {
        decide(2, 7, Verdict.REJECT, "x: y");
        decide(3, 6, Verdict.REJECT, "x: y");
        consumer.addRecord(new ConsumerRecord<>("m.decisions", 0, decisionOffset++, new byte[0], new byte[] {9}));

        assertThatThrownBy(() -> verdicts.await(3, 7, SHORT))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("checkpoint of run r step 7: has no decision after 30 ms");
    }

    @Test
    void aRegistryThatIsAwayLosesNoDecision() throws IOException {
        HttpServer registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        AtomicInteger status = new AtomicInteger(503);
        Map<String, Integer> ids = new HashMap<>();
        registry.createContext("/", asked -> {
            String path = asked.getRequestURI().getPath();
            boolean known = path.startsWith("/subjects/");
            byte[] body = (known
                            ? "{\"id\":" + ids.computeIfAbsent(path, one -> ids.size() + 1) + "}"
                            : "{\"error_code\":" + status.get() + ",\"message\":\"no\"}")
                    .getBytes(StandardCharsets.UTF_8);
            try (asked) {
                asked.getRequestBody().readAllBytes();
                asked.getResponseHeaders().add("Content-Type", "application/vnd.schemaregistry.v1+json");
                asked.sendResponseHeaders(known ? 200 : status.get(), body.length);
                asked.getResponseBody().write(body);
            }
        });
        registry.start();
        String url = "http://127.0.0.1:" + registry.getAddress().getPort();
        try (Registry client = Registry.connectReadOnly(url, Map.of())) {
            VerdictReader reader = new VerdictReader(consumer, client.codec(), new Topics("m"), "r", "b:1");
            byte[] newer = {0, 0, 0, 99, 99, 2};
            decide(client.codec(), 3, 6, Verdict.REJECT, "a: b");
            consumer.addRecord(new ConsumerRecord<>("m.decisions", 0, 11, new byte[0], newer));

            assertThatThrownBy(() -> reader.await(3, 7, SHORT))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining("checkpoint of run r step 7: schema 25443: registry " + url)
                    .satisfies(failed ->
                            assertThat(((ClientException) failed).mayPass()).isTrue());
            assertThat(consumer.position(DECISIONS)).isEqualTo(11);
            status.set(404);
            consumer.addRecord(new ConsumerRecord<>("m.decisions", 0, 11, new byte[0], newer));
            decisionOffset = 12;
            decide(client.codec(), 3, 7, Verdict.REJECT, "c: d");

            assertThat(reader.await(3, 6, SHORT)).isEqualTo(new Outcome.Rejected(1, "a: b"));
            assertThat(reader.await(3, 7, Duration.ofSeconds(5))).isEqualTo(new Outcome.Rejected(1, "c: d"));
        } finally {
            registry.stop(0);
        }
    }

    @Test
    void severalInFlightAreAwaitedInAnyOrder() {
        decide(3, 7, Verdict.REJECT, "a: b");
        decide(3, 8, Verdict.COMMIT, "");

        assertThat(verdicts.await(3, 8, SHORT))
                .isEqualTo(new Outcome.Accepted(1, Map.of(), Map.of("kalman", "input-missing: loss")));
        assertThat(verdicts.await(3, 7, SHORT)).isEqualTo(new Outcome.Rejected(1, "a: b"));
    }

    @Test
    void whatIsInTheLogIsKnownWithoutAwaitingIt() {
        assertThat(verdicts.verdict(3, 7)).isNull();
        decide(3, 7, Verdict.COMMIT, "");
        consumer.updateEndOffsets(Map.of(DECISIONS, decisionOffset));

        verdicts.catchUp(Duration.ofSeconds(5));

        assertThat(verdicts.verdict(3, 7)).isEqualTo(Verdict.COMMIT);
    }

    @Test
    void decisionsThatNobodyAwaitsAreForgottenAndWhoAwaitsThemIsTold() {
        for (int step = 0; step <= VerdictReader.KEPT; step++) {
            decide(3, step, Verdict.REJECT, "a: b");
        }
        consumer.updateEndOffsets(Map.of(DECISIONS, decisionOffset));
        verdicts.catchUp(Duration.ofSeconds(5));

        assertThat(verdicts.await(3, 1, SHORT)).isEqualTo(new Outcome.Rejected(1, "a: b"));
        assertThatThrownBy(() -> verdicts.await(3, 0, SHORT))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("no longer kept");
    }

    private void decide(long epoch, long step, Verdict verdict, String reason, ChannelUpdate... updates) {
        decide(codec, epoch, step, verdict, reason, updates);
    }

    private void decide(
            RecordCodec writer, long epoch, long step, Verdict verdict, String reason, ChannelUpdate... updates) {
        Decision decision = new Decision(
                1,
                1L,
                "r",
                epoch,
                step,
                verdict,
                reason,
                DIGEST,
                DIGEST,
                List.of(updates),
                Map.of(),
                verdict == Verdict.COMMIT ? Map.of("kalman", "input-missing: loss") : Map.of(),
                List.of(),
                Map.of());
        byte[] key = writer.write(new ModelKey(1, "m"));
        consumer.addRecord(new ConsumerRecord<>("m.decisions", 0, decisionOffset++, key, writer.write(decision)));
    }

    private void complete(String channel, long version) {
        snapshot(snapshotOffset++, channel, version);
    }

    private void snapshot(long offset, String channel, long version) {
        byte[] key = codec.write(new SnapshotKey(1, channel, version));
        consumer.addRecord(new ConsumerRecord<>("m.snapshots", 0, offset, key, new byte[0]));
    }

    private static ChannelUpdate update(String channel, long version) {
        return new ChannelUpdate(channel, List.of(), version, 0L, List.of());
    }
}
