package dev.weir.clients.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.clients.ClientException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TransactionsTest {

    private static final int MEBIBYTE = 1024 * 1024;

    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final AtomicLong nanoTime = new AtomicLong();
    private final Transactions transactions = new Transactions(producer, nanoTime::get);

    @BeforeEach
    void init() {
        producer.initTransactions();
    }

    @Test
    void nothingIsVisibleBeforeTheCommit() {
        transactions.send(ofBytes(10));

        assertThat(producer.history()).isEmpty();

        transactions.commit();
        assertThat(producer.history()).hasSize(1);
    }

    @Test
    void aTransactionThatWouldGrowBeyond64MebibytesEndsBeforeTheRecord() {
        for (int i = 0; i < 65; i++) {
            transactions.send(ofBytes(MEBIBYTE));
        }

        assertThat(producer.commitCount()).isEqualTo(1);
        assertThat(producer.history()).hasSize(64);
    }

    @Test
    void aTransactionTakesNoRecordsAfterFiveSeconds() {
        transactions.send(ofBytes(1));
        nanoTime.set(5_000_000_001L);
        transactions.send(ofBytes(1));

        assertThat(producer.history()).hasSize(1);
    }

    @Test
    void aTransactionThatWaitsForItsNextRecordEndsAfterFiveSeconds() {
        transactions.send(ofBytes(1));
        transactions.endOld();
        assertThat(producer.history()).isEmpty();

        nanoTime.set(5_000_000_001L);
        transactions.endOld();
        transactions.endOld();

        assertThat(producer.history()).hasSize(1);
        assertThat(producer.commitCount()).isEqualTo(1);
        transactions.send(ofBytes(1));
        transactions.commit();
        assertThat(producer.history()).hasSize(2);
    }

    @Test
    void whatEndingAnOldTransactionMetIsThrownByTheNextRecord() {
        transactions.send(ofBytes(1));
        nanoTime.set(5_000_000_001L);
        producer.fenceProducer();
        transactions.endOld();

        assertThatThrownBy(() -> transactions.send(ofBytes(1))).isInstanceOf(ProducerFencedException.class);
    }

    @Test
    void whatEndingAnOldTransactionMetIsThrownOnce() {
        transactions.send(ofBytes(1));
        nanoTime.set(5_000_000_001L);
        producer.commitTransactionException = new KafkaException("not now");
        transactions.endOld();
        producer.commitTransactionException = null;
        RuntimeException unreadable = new IllegalStateException("the source broke off");

        transactions.abandon(unreadable);

        assertThat(unreadable.getSuppressed())
                .singleElement()
                .satisfies(met -> assertThat(met).hasMessage("not now"));
        transactions.send(ofBytes(1));
        transactions.commit();
        assertThat(producer.commitCount()).isEqualTo(1);
    }

    @Test
    void recordsThatBelongTogetherAreNeverSplit() {
        transactions.send(ofBytes(63 * MEBIBYTE));
        transactions.sendTogether(List.of(ofBytes(MEBIBYTE), ofBytes(MEBIBYTE), ofBytes(MEBIBYTE)));

        assertThat(producer.history()).hasSize(1);
        transactions.commit();
        assertThat(producer.commitCount()).isEqualTo(2);
        assertThat(producer.history()).hasSize(4);
    }

    @Test
    void aCommitOfNothingIsNoTransaction() {
        transactions.commit();

        assertThat(producer.commitCount()).isZero();
    }

    @Test
    void whatIsAbandonedNeverBecomesVisible() {
        transactions.send(ofBytes(1));
        transactions.abandon(new IllegalStateException());
        transactions.send(ofBytes(2));
        transactions.commit();

        assertThat(producer.history()).hasSize(1);
    }

    @Test
    void aCommitWithoutAnAnswerIsTriedAgainBeforeTheNextRecord() {
        transactions.send(ofBytes(1));
        producer.commitTransactionException = new TimeoutException("no answer");
        assertThatThrownBy(transactions::commit).isInstanceOf(TimeoutException.class);
        transactions.abandon(new IllegalStateException());
        producer.commitTransactionException = null;

        transactions.send(ofBytes(2));
        assertThat(producer.history()).hasSize(1);
        transactions.commit();
        assertThat(producer.history()).hasSize(2);
    }

    @Test
    void anAbortWithoutAnAnswerIsTriedAgainBeforeTheNextRecord() {
        transactions.send(ofBytes(1));
        producer.abortTransactionException = new TimeoutException("no answer");
        transactions.abandon(new IllegalStateException());

        assertThatThrownBy(() -> transactions.send(ofBytes(2))).isInstanceOf(TimeoutException.class);
        producer.abortTransactionException = null;
        transactions.send(ofBytes(3));
        transactions.commit();

        assertThat(producer.history()).extracting(one -> one.value().length).containsExactly(3);
    }

    @Test
    void aPublisherThatIsInterruptedWhileItTakesBackCanSendAgain() {
        transactions.send(ofBytes(1));
        producer.abortTransactionException = new InterruptException("interrupted", new InterruptedException());
        transactions.abandon(new IllegalStateException());
        assertThat(Thread.interrupted()).isTrue();
        producer.abortTransactionException = null;

        transactions.send(ofBytes(2));
        transactions.commit();

        assertThat(producer.history()).hasSize(1);
    }

    @Test
    void aCommitThatFailsForGoodAfterItHadNoAnswerIsTakenBack() {
        transactions.send(ofBytes(1));
        producer.commitTransactionException = new TimeoutException("no answer");
        assertThatThrownBy(transactions::commit).isInstanceOf(TimeoutException.class);
        KafkaException expired = new KafkaException("in an error state", new TimeoutException("a record expired"));
        producer.commitTransactionException = expired;
        assertThatThrownBy(() -> transactions.send(ofBytes(2))).isSameAs(expired);
        transactions.abandon(expired);
        producer.commitTransactionException = null;

        transactions.send(ofBytes(3));
        transactions.commit();

        assertThat(producer.history()).extracting(one -> one.value().length).containsExactly(3);
    }

    @Test
    void aFencedProducerSaysSoInOneLine() {
        transactions.send(ofBytes(1));
        producer.fenceProducer();

        assertThatThrownBy(transactions::commit).isInstanceOf(ProducerFencedException.class);
        ClientException said =
                ClientException.ofKafka("run r", "b:1", new KafkaException("x", new ProducerFencedException("y")));
        assertThat(said)
                .hasMessageStartingWith("run r: fenced by a newer publisher")
                .hasMessageNotContaining("\n");
        assertThat(said.reason()).isEqualTo(ClientException.Reason.FENCED);
    }

    private static ProducerRecord<byte[], byte[]> ofBytes(int size) {
        return new ProducerRecord<>("t", 0, new byte[0], new byte[size]);
    }
}
