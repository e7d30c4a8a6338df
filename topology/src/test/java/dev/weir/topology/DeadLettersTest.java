package dev.weir.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.DeadLetter;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.junit.jupiter.api.Test;

/** A dead letter fits into its topic, whatever was wrong. */
final class DeadLettersTest {
    @Test
    void aDetailThatNamesAHugeIdIsCutAndSaysByHowMuch() {
        DeadLetter letter = letter("example " + "x".repeat(2_000_000) + ": label -2");
        assertThat(letter.getDetail())
                .startsWith("example xxx")
                .hasSizeLessThan(4_200)
                .endsWith("... (1995922 characters were cut)");
        assertThat(letter.getHead().remaining()).isEqualTo(1024);
    }

    @Test
    void aCharacterOfTwoUnitsIsNotCutInHalf() {
        String detail = letter("x" + "\uD83D\uDE00".repeat(100_000)).getDetail();
        assertThat(detail.codePoints().noneMatch(point -> point >= 0xD800 && point < 0xE000))
                .isTrue();
        assertThat(detail).endsWith("... (195906 characters were cut)");
    }

    @Test
    void whatFitsStaysAsItIs() {
        assertThat(letter("x".repeat(4096)).getDetail()).isEqualTo("x".repeat(4096));
    }

    private static DeadLetter letter(String detail) {
        MockProcessorContext<Void, Void> context = new MockProcessorContext<>();
        context.setRecordMetadata("m.predictions", 0, 7);
        RecordMetadata metadata = context.recordMetadata().orElseThrow();
        return DeadLetters.of(new Record<>(new byte[1], new byte[2048], 0), metadata, "bad-class", detail);
    }
}
