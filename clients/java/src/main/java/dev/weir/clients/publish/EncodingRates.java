package dev.weir.clients.publish;

import dev.weir.schemas.delta.Choice;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Which encoding gets a chunk through soonest: seconds to encode a byte, plus what is left of it times the seconds that the
 * link takes for one. All are measured, and those that are not used are tried again now and then, for what changes in a
 * checkpoint changes with the learning rate.
 */
final class EncodingRates {
    private static final List<Choice> CANDIDATES = List.of(Choice.FULL, Choice.FAST, Choice.ENTROPY);
    /** A choice is measured again after so many chunks. */
    private static final int RETRY_CHUNKS = 64;

    /** How much a new measurement counts. */
    private static final double NEWEST = 0.25;

    private final Map<Choice, Measured> measured = new EnumMap<>(Choice.class);
    private double linkNanosPerByte;
    private long chunks;

    private static final class Measured {
        private double nanosPerByte;
        private double ratio;
        private long lastChunk;
    }

    /** The encoding for the next chunk. */
    Choice next() {
        chunks++;
        Choice best = Choice.FULL;
        double least = linkNanosPerByte;
        for (Choice candidate : CANDIDATES) {
            Measured known = measured.get(candidate);
            if (candidate == Choice.FULL) {
                continue;
            }
            if (known == null || chunks - known.lastChunk > RETRY_CHUNKS) {
                return candidate;
            }
            double nanos = known.nanosPerByte + known.ratio * linkNanosPerByte;
            if (nanos < least) {
                best = candidate;
                least = nanos;
            }
        }
        return best;
    }

    /** A chunk was encoded. */
    void encoded(Choice choice, long plainBytes, long payloadBytes, long nanos) {
        Measured known = measured.get(choice);
        if (known == null) {
            known = new Measured();
            known.nanosPerByte = (double) nanos / plainBytes;
            known.ratio = (double) payloadBytes / plainBytes;
            measured.put(choice, known);
        }
        known.lastChunk = chunks;
        known.nanosPerByte += NEWEST * ((double) nanos / plainBytes - known.nanosPerByte);
        known.ratio += NEWEST * ((double) payloadBytes / plainBytes - known.ratio);
    }

    /** A checkpoint is through: how long the publisher waited for the link, and for how many bytes. */
    void sent(long bytes, long nanos) {
        double now = (double) nanos / bytes;
        linkNanosPerByte = linkNanosPerByte == 0 ? now : linkNanosPerByte + NEWEST * (now - linkNanosPerByte);
    }
}
