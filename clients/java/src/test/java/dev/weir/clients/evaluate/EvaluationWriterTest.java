package dev.weir.clients.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.clients.ClientException;
import dev.weir.schemas.record.EvaluationEnd;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Predictions;
import dev.weir.schemas.record.Subject;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

final class EvaluationWriterTest {

    private static final Subject SUBJECT = new Subject("ema", 7L);

    private final RecordCodec codec =
            Registry.connect("mock://EvaluationWriterTest", Map.of()).codec();
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

    @Test
    void aThousandExamplesGoIntoARecordAndTheEndCountsThemAll() {
        long count = write(rows(2500));

        List<SpecificRecord> sent = sent();
        assertThat(count).isEqualTo(2500);
        assertThat(sent).hasSize(4);
        assertThat(sent.subList(0, 3))
                .extracting(record -> ((Predictions) record).getIds().size())
                .containsExactly(1000, 1000, 500);
        assertThat(sent.get(3)).isEqualTo(new EvaluationEnd(1, SUBJECT, "me", 2500L));
        assertThat(producer.history())
                .allMatch(record -> record.topic().equals("m.predictions")
                        && codec.read(record.key(), ModelKey.class).getModel().equals("m"));
    }

    @Test
    void anExampleLooksInTheRecordAsItWasGiven() {
        write(List.of(
                        new PredictionRow("a", OptionalInt.of(3), 4, List.of("x", "y"), new float[] {0.25f, 0.75f}),
                        new PredictionRow("b", OptionalInt.empty(), 0, List.of(), new float[] {1, 0}))
                .iterator());

        assertThat(sent().get(0))
                .isEqualTo(new Predictions(
                        1,
                        SUBJECT,
                        "me",
                        List.of("a", "b"),
                        List.of(3, -1),
                        List.of(4, 0),
                        List.of("x;y", ""),
                        List.of(0.25f, 0.75f, 1f, 0f),
                        2));
    }

    @Test
    void anIdThatComesAgainIsSentAndCountsOnce() {
        long count = write(List.of(row("a"), row("b"), row("a")).iterator());

        assertThat(count).isEqualTo(2);
        assertThat(((Predictions) sent().get(0)).getIds()).containsExactly("a", "b", "a");
        assertThat(((EvaluationEnd) sent().get(1)).getCount()).isEqualTo(2);
    }

    @Test
    void longExamplesGoIntoRecordsBelowHalfAMebibyte() {
        PredictionRow row = new PredictionRow("a", OptionalInt.empty(), 0, List.of(), new float[1000]);
        write(Collections.nCopies(900, row).iterator());

        assertThat(producer.history()).hasSizeGreaterThan(8).allMatch(record -> record.value().length < 512 * 1024);
    }

    @Test
    void aRecordHoldsProbabilitiesOfEquallyManyClasses() {
        PredictionRow two = new PredictionRow("a", OptionalInt.empty(), 0, List.of(), new float[2]);
        write(List.of(two, row("b"), row("c")).iterator());

        assertThat(sent().subList(0, 2))
                .extracting(record -> ((Predictions) record).getClasses())
                .containsExactly(2, 0);
        assertThat(((Predictions) sent().get(1)).getIds()).containsExactly("b", "c");
    }

    @Test
    void anEvaluationThatFailsHasNoEnd() {
        producer.sendException = new KafkaException("full");
        assertThatThrownBy(() -> write(rows(3))).isInstanceOf(KafkaException.class);
        producer.sendException = null;

        Iterator<PredictionRow> broken = List.of(
                        row("a"), new PredictionRow("b", OptionalInt.empty(), 0, List.of("x;y"), new float[0]))
                .iterator();
        assertThatThrownBy(() -> write(broken))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("example 'b': is in slice 'x;y'; allowed: names without semicolons");

        assertThat(producer.history()).isEmpty();
    }

    @Test
    void anUnacknowledgedRecordIsAFailureAndNothingEndsTheEvaluation() {
        MockProducer<byte[], byte[]> failing =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
                    @Override
                    public synchronized void flush() {
                        errorNext(new KafkaException("lost"));
                    }
                };
        assertThatThrownBy(
                        () -> new EvaluationWriter(failing, codec, "m.predictions", "m", "me").write(SUBJECT, rows(3)))
                .hasMessage("lost");
        assertThat(failing.history()).hasSize(1);
    }

    @Test
    void anEmptyEvaluationIsRefused() {
        assertThatThrownBy(() -> write(rows(0))).hasMessageContaining("evaluation: has no predictions");
    }

    @Test
    void idsAreCountedOnceHoweverManyThereAre() {
        IdSet ids = new IdSet();
        for (int i = 0; i < 100_000; i++) {
            assertThat(ids.add("id-" + i)).isTrue();
        }
        for (int i = 0; i < 100_000; i += 7) {
            assertThat(ids.add("id-" + i)).isFalse();
        }
        assertThat(ids.size()).isEqualTo(100_000);
    }

    private long write(Iterator<PredictionRow> rows) {
        return new EvaluationWriter(producer, codec, "m.predictions", "m", "me").write(SUBJECT, rows);
    }

    private List<SpecificRecord> sent() {
        return producer.history().stream()
                .map(record -> codec.read(record.value()))
                .toList();
    }

    private static Iterator<PredictionRow> rows(int count) {
        return IntStream.range(0, count).mapToObj(i -> row("id-" + i)).iterator();
    }

    private static PredictionRow row(String id) {
        return new PredictionRow(id, OptionalInt.of(1), 1, List.of(), new float[0]);
    }
}
