package dev.weir.clients.promote;

import static dev.weir.schemas.record.PromotionVerdict.HELD;
import static dev.weir.schemas.record.PromotionVerdict.PROMOTED;
import static dev.weir.schemas.record.PromotionVerdict.REFUSED;
import static dev.weir.schemas.record.PromotionVerdict.ROLLED_BACK;
import static dev.weir.schemas.record.PromotionVerdict.SELECTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.clients.ClientException;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionAction;
import dev.weir.schemas.record.PromotionRequest;
import dev.weir.schemas.record.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

final class PromotionLogTest {

    private final VerdictLog topic = new VerdictLog();
    private final PromotionLog log = topic.log();
    private final List<Promotion> seen = new ArrayList<>();

    @Test
    void withoutVerdictsThereIsNoBaseline() {
        log.catchUp(seen::add);

        assertThat(log.inForce()).isEmpty();
    }

    @Test
    void onlyPromotionsAndRollbacksMoveTheBaseline() {
        topic.add(PROMOTED, "ema", 1);
        topic.add(HELD, "ema", 2);
        topic.add(SELECTED, "bcwi", 3);
        topic.add(REFUSED, "ema", 9);
        log.catchUp(seen::add);

        assertThat(seen).hasSize(4);
        assertThat(log.inForce().map(Promotion::getSubject)).contains(new Subject("ema", 1L));
    }

    @Test
    void aRollbacksSubjectIsTheBaselineAndKnownByItsFirstVerdict() {
        topic.add(PROMOTED, "ema", 1);
        topic.add(PROMOTED, "swa", 4);
        log.catchUp(seen::add);
        assertThat(log.inForce().map(Promotion::getNumber)).contains(2L);

        topic.add(ROLLED_BACK, "ema", 1);
        log.catchUp(seen::add);

        assertThat(log.inForce().map(Promotion::getNumber)).contains(3L);
        assertThat(log.firstOf(new Subject("ema", 1L)).map(Promotion::getNumber))
                .contains(1L);
        assertThat(seen).extracting(Promotion::getNumber).containsExactly(1L, 2L, 3L);
    }

    @Test
    void promotingTheBaselineAgainLeavesTheVerdictThatMadeItOne() {
        topic.add(PROMOTED, "ema", 1);
        topic.add(PROMOTED, new Subject("ema", 1L), new Subject("ema", 1L), "again");
        log.catchUp(seen::add);

        assertThat(log.inForce().map(Promotion::getNumber)).contains(1L);
    }

    @Test
    void foreignRecordsAreSkipped() {
        topic.raw(new byte[] {9});
        topic.add(PROMOTED, "ema", 1);
        log.catchUp(seen::add);

        assertThat(seen).hasSize(1);
    }

    @Test
    void aRequestIsAnsweredByTheVerdictThatRepeatsItsId() {
        topic.add(PROMOTED, "ema", 1);
        topic.consumer.schedulePollTask(() -> {
            topic.add(HELD, "ema", 2);
            topic.raw(new byte[] {9});
            topic.add(REFUSED, "ema", 9, "other");
            topic.add(PROMOTED, "ema", 3, "id");
        });
        MockProducer<byte[], byte[]> producer = producer();

        Promotion answer = new RequestSender(() -> producer, "mnist", topic.codec, topic.reader)
                .ask(request(), Duration.ofSeconds(5));

        assertThat(answer.getSubject()).isEqualTo(new Subject("ema", 3L));
        assertThat(producer.history()).singleElement().satisfies(sent -> {
            assertThat(sent.topic()).isEqualTo("mnist.predictions");
            assertThat(topic.codec.read(sent.value())).isEqualTo(request());
        });
    }

    @Test
    void aRequestWithoutAnAnswerTimesOut() {
        assertThatThrownBy(() -> new RequestSender(PromotionLogTest::producer, "mnist", topic.codec, topic.reader)
                        .ask(request(), Duration.ofMillis(20)))
                .isInstanceOf(ClientException.class)
                .hasMessageStartingWith("model mnist: its application `compatibility` did not answer");
    }

    private static PromotionRequest request() {
        return new PromotionRequest(1, "id", PromotionAction.PROMOTE, new Subject("ema", 3L), "me", "why");
    }

    private static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
