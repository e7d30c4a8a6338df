package dev.weir.clients.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.delta.Choice;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Rates in bytes a nanosecond, that is gigabytes a second. */
final class EncodingRatesTest {
    private static final long CHUNK = 1_000_000;

    @Test
    void aFastLinkTakesFullChunks() {
        assertThat(chosenMost(new EncodingRates(), 10)).isEqualTo(Choice.FULL);
    }

    @Test
    void aLinkOfAGigabitTakesWhatEncodesFast() {
        assertThat(chosenMost(new EncodingRates(), 0.4)).isEqualTo(Choice.FAST);
    }

    @Test
    void aSlowLinkTakesTheSmallest() {
        assertThat(chosenMost(new EncodingRates(), 0.003)).isEqualTo(Choice.ENTROPY);
    }

    @Test
    void aLinkThatBecomesSlowIsNoticed() {
        EncodingRates rates = new EncodingRates();
        chosenMost(rates, 10);
        assertThat(chosenMost(rates, 0.003)).isEqualTo(Choice.ENTROPY);
    }

    /** 40 checkpoints of 100 chunks; fast encodes a gigabyte a second to 8 %, entropy a fifth of that to 5 %. */
    private static Choice chosenMost(EncodingRates rates, double linkBytesPerNano) {
        Map<Choice, Integer> counts = new EnumMap<>(Choice.class);
        for (int checkpoint = 0; checkpoint < 40; checkpoint++) {
            long sent = 0;
            for (int chunk = 0; chunk < 100; chunk++) {
                Choice choice = rates.next();
                counts.merge(choice, checkpoint < 20 ? 0 : 1, Integer::sum);
                long payload = choice == Choice.FULL ? CHUNK : choice == Choice.FAST ? CHUNK * 8 / 100 : CHUNK / 20;
                long nanos = choice == Choice.FULL ? 0 : choice == Choice.FAST ? CHUNK : 5 * CHUNK;
                rates.encoded(choice, CHUNK, payload, nanos);
                sent += payload;
            }
            rates.sent(sent, (long) (sent / linkBytesPerNano));
        }
        return counts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }
}
