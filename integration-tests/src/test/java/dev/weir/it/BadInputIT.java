package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.RawTrainer;
import dev.weir.it.fixture.Reference;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.DeadLetter;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is written into deltas: it is refused with a reason or dropped and counted, and no average moves. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BadInputIT {

    private static final String CHANNEL = "ema-0.9";
    private static final Layout LAYOUT = Weights.SMALL;
    private static final Weights GOOD = Weights.random(LAYOUT, 7);

    @TempDir
    private static Path dir;

    private final Reference reference = Reference.ema(0.9);
    private UpProcess up;
    private Model model;
    private Publisher steady;
    private Subscriber subscriber;
    private long mergePid;
    private long coordinatePid;
    private long step;
    private Weights average;
    private RawTrainer bad;

    @BeforeAll
    void start() throws Exception {
        up = UpProcess.start(dir.resolve("data"), Ports.free(), Map.of("WEIR_CHECKPOINT_TIMEOUT_MS", "10000"))
                .awaitReady();
        model = Model.apply(up, "bad", Model.ema(0.9));
        steady = model.publisher("steady", GOOD);
        subscriber = Subscriber.open(model.connection(), "bad");
        mergePid = up.child("merge").pid();
        coordinatePid = up.child("coordinate").pid();
        publishGood();
    }

    @AfterAll
    void stop() {
        if (subscriber != null) {
            subscriber.close();
            steady.close();
            model.close();
        }
        up.close();
    }

    @BeforeEach
    void openRun(TestInfo test) throws Exception {
        String run = test.getTestMethod().orElseThrow().getName();
        bad = RawTrainer.of(model, run, 1, LAYOUT).open();
    }

    /** After every test: the newest average is as it was, the processes are the same, the next one is right. */
    @AfterEach
    void noAverageHasMoved() throws Exception {
        bad.close();
        assertThat(pulled().digest()).isEqualTo(average.digest());
        publishGood();
        assertThat(pulled().digest()).isEqualTo(average.digest());
        assertThat(up.child("merge").pid()).isEqualTo(mergePid);
        assertThat(up.child("coordinate").pid()).isEqualTo(coordinatePid);
    }

    @Test
    void aTrainerThatVanishesInATransactionIsAborted() throws Exception {
        try (RawTrainer dying = RawTrainer.inTransaction(model, "dying", 1, LAYOUT, 2_000)) {
            dying.open();
            dying.send(dying.chunk(1, 0, GOOD));
        }
    }

    @Test
    void anAbortedTransactionWasNever() throws Exception {
        try (RawTrainer aborting = RawTrainer.inTransaction(model, "aborting", 1, LAYOUT, 10_000)) {
            aborting.open();
            aborting.chunks(1, GOOD);
            aborting.ends(1, GOOD, 0);
            aborting.abort();
        }
        assertThat(model.decisions()).noneMatch(decision -> decision.getRun().equals("aborting"));
    }

    @Test
    void halfACheckpointIsSupersededByTheNextEpoch() throws Exception {
        bad.send(bad.chunk(1, 0, GOOD));
        bad.send(bad.chunk(1, 1, GOOD));
        try (RawTrainer next = RawTrainer.of(model, "halfACheckpointIsSupersededByTheNextEpoch", 2, LAYOUT)) {
            next.open();
            assertDecided("halfACheckpointIsSupersededByTheNextEpoch", 1, Verdict.ABORT, "superseded: epoch 2");
        }
    }

    /** Its first part is visible after five seconds; the rest comes when the checkpoint was given up. */
    @Test
    void whatASourceIsTooSlowForIsSentOnceMoreInTheNextEpoch() throws Exception {
        AtomicBoolean waited = new AtomicBoolean();
        try (Publisher publisher = model.publisher("too-slow", GOOD)) {
            Outcome outcome = publisher.publish(1, chunk -> {
                if (chunk.index() == 1 && !waited.getAndSet(true)) {
                    awaitGivenUp("too-slow");
                }
                return GOOD.chunk(chunk);
            });
            assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
            assertThat(publisher.epoch()).isEqualTo(2);
        }
        average = reference.add(GOOD);
    }

    private void awaitGivenUp(String run) {
        try {
            UpProcess.await(
                    Duration.ofMinutes(1),
                    () -> model.decisions().stream()
                            .anyMatch(decision ->
                                    decision.getRun().equals(run) && decision.getVerdict() == Verdict.ABORT));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void halfACheckpointTimesOut() throws Exception {
        bad.send(bad.chunk(1, 0, GOOD));
        assertDecided("halfACheckpointTimesOut", 1, Verdict.ABORT, "timeout: partitions [0, 1, 2, 3]");
    }

    @Test
    void aZombieIsFenced() throws Exception {
        try (RawTrainer next = RawTrainer.of(model, "aZombieIsFenced", 2, LAYOUT)) {
            next.open();
            assertDropped("fenced", bad.send(bad.chunk(1, 2, GOOD)));
            bad.ends(1, GOOD, 0);
        }
        assertThat(model.decisions()).noneMatch(decision -> decision.getRun().equals("aZombieIsFenced"));
    }

    @Test
    void aDuplicateChunkIsIgnored() throws Exception {
        long before = counter("duplicates");
        bad.chunks(1, GOOD);
        bad.send(bad.chunk(1, 1, GOOD));
        bad.ends(1, GOOD, 0);
        assertDecided("aDuplicateChunkIsIgnored", 1, Verdict.COMMIT, "");
        average = reference.add(GOOD);
        awaitCounter("duplicates", before + 1);
        UpProcess.await(Duration.ofSeconds(30), () -> model.digests(CHANNEL).contains(average.digest()));
    }

    @Test
    void aConflictingDuplicateIsRejected() throws Exception {
        bad.chunks(1, GOOD);
        bad.send(bad.chunk(1, 3, Weights.random(LAYOUT, 8)));
        bad.ends(1, GOOD, 0);
        assertDecided("aConflictingDuplicateIsRejected", 1, Verdict.REJECT, "conflict: tensor head chunk 3");
    }

    @Test
    void aWrongChecksumIsRejected() throws Exception {
        Chunk chunk = bad.chunk(1, 0, GOOD);
        int other = chunk.getCrc32c() ^ 1;
        assertDropped("refused", bad.send(with(chunk, 1, other, chunk.getPayload())));
        assertDecided("aWrongChecksumIsRejected", 1, Verdict.REJECT, "digest: tensor bias chunk 0");
    }

    @Test
    void aNanIsRejected() throws Exception {
        Weights nan = GOOD.with(1, 250_000, Float.NaN);
        bad.chunks(1, nan);
        bad.ends(1, nan, 0);
        assertDecided("aNanIsRejected", 1, Verdict.REJECT, "non-finite: tensor embed element 250000");
    }

    @Test
    void anotherShapeIsRejected() throws Exception {
        Layout other = Layout.of(List.of(
                LAYOUT.tensors().get(0), LAYOUT.tensors().get(1), new TensorSpec("head", Dtype.F32, List.of(7L, 3L))));
        Weights weights = Weights.random(other, 9);
        try (Publisher publisher = model.publisher("other-shape", weights)) {
            assertThat(publisher.publish(1, weights.source()))
                    .isInstanceOfSatisfying(
                            Outcome.Rejected.class,
                            rejected -> assertThat(rejected.reason())
                                    .startsWith("layout:")
                                    .contains("head"));
        }
    }

    @Test
    void aChunkOfTheWrongSizeIsRejected() throws Exception {
        ByteBuffer less = ByteBuffer.allocate(80);
        assertDropped("refused", bad.send(with(bad.chunk(1, 3, GOOD), 1, Crc.crc32c(less), less)));
        assertDecided("aChunkOfTheWrongSizeIsRejected", 1, Verdict.REJECT, "size: tensor head chunk 3");
    }

    @Test
    void endsWithWrongCountsAreRejected() throws Exception {
        bad.chunks(1, GOOD);
        bad.ends(1, GOOD, 1);
        assertDecided("endsWithWrongCountsAreRejected", 1, Verdict.REJECT, "incomplete: partition");
    }

    @Test
    void endsOfOtherWeightsAreRejected() throws Exception {
        bad.chunks(1, GOOD);
        bad.ends(1, Weights.random(LAYOUT, 10), 0);
        assertDecided("endsOfOtherWeightsAreRejected", 1, Verdict.REJECT, "digest: the chunks in partition");
    }

    @Test
    void recordsThatAreNoneAreDropped() throws Exception {
        byte[] key = {1};
        byte[] chunk = model.codec().write(bad.chunk(1, 0, GOOD));
        byte[] unknown = ByteBuffer.allocate(9).put((byte) 0).putInt(999_999).array();
        Chunk good = bad.chunk(1, 0, GOOD);
        Chunk newer = with(good, 2, good.getCrc32c(), good.getPayload());
        assertDropped("not-avro", bad.send(1, key, "no Avro".getBytes(StandardCharsets.UTF_8)));
        assertDropped("null-key", bad.send(0, null, chunk));
        assertDropped("null-key", bad.send(0, key, null));
        assertDropped("unknown-schema", bad.send(2, key, unknown));
        assertDropped("newer-format", bad.send(newer));
        assertDropped("truncated", bad.send(3, key, java.util.Arrays.copyOf(chunk, 30)));
        assertDropped(
                "foreign-record",
                bad.send(3, key, model.codec().write(new DeadLetter(1, "t", 0, 0L, "r", "d", ByteBuffer.allocate(0)))));
        try (RawTrainer unopened = RawTrainer.of(model, "never-opened", 1, LAYOUT)) {
            assertDropped("not-opened", unopened.send(unopened.chunk(1, 0, GOOD)));
        }
    }

    private static Chunk with(Chunk chunk, int format, int crc, ByteBuffer payload) {
        return new Chunk(
                format,
                chunk.getRun(),
                chunk.getEpoch(),
                chunk.getStep(),
                chunk.getLayoutHash(),
                chunk.getChunk(),
                0,
                -1L,
                crc,
                payload);
    }

    private void publishGood() {
        step++;
        Weights next = Weights.random(LAYOUT, 1_000 + step);
        assertThat(steady.publish(step, next.source())).isInstanceOf(Outcome.Accepted.class);
        average = reference.add(next);
    }

    private Weights pulled() {
        Path version = subscriber.pull(subscriber.newest(CHANNEL).orElseThrow(), dir.resolve("pulled"));
        return Weights.read(version.resolve("model.safetensors"));
    }

    private long counter(String reason) throws Exception {
        return up.status()
                .path("counters")
                .path("bad")
                .path("merge")
                .path(reason)
                .asLong();
    }

    private void awaitCounter(String reason, long atLeast) throws Exception {
        UpProcess.await(Duration.ofSeconds(30), () -> {
            try {
                return counter(reason) >= atLeast;
            } catch (Exception e) {
                return false;
            }
        });
    }

    private void assertDecided(String run, long atStep, Verdict verdict, String reason) throws Exception {
        AtomicReference<Decision> found = new AtomicReference<>();
        UpProcess.await(Duration.ofSeconds(40), () -> {
            model.decisions().stream()
                    .filter(decision -> decision.getRun().equals(run) && decision.getStep() == atStep)
                    .findFirst()
                    .ifPresent(found::set);
            return found.get() != null;
        });
        assertThat(found.get().getVerdict()).isEqualTo(verdict);
        assertThat(found.get().getReason()).startsWith(reason);
    }

    private void assertDropped(String reason, RecordMetadata at) throws Exception {
        UpProcess.await(
                Duration.ofSeconds(30),
                () -> model.read(model.topics().dlq(), DeadLetter.class).stream()
                        .anyMatch(letter -> letter.getTopic().equals(at.topic())
                                && letter.getPartition() == at.partition()
                                && letter.getOffset() == at.offset()
                                && letter.getReason().equals(reason)));
        assertThat(counter(reason.equals("refused") ? "chunks-refused" : reason))
                .isPositive();
    }
}
