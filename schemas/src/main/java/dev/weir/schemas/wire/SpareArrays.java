package dev.weir.schemas.wire;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.function.IntFunction;

/**
 * Arrays for records that are copied before the next one is written, as {@code KafkaProducer.send} does: an array of a megabyte
 * that is used again need not be zeroed, and lies in the processor's cache. It has those of the lengths that came last, for
 * records of one size differ by the bytes of their numbers. Not thread-safe.
 */
public final class SpareArrays implements IntFunction<byte[]> {
    /** Smaller ones are not worth it. */
    private static final int LEAST_BYTES = 64 << 10;

    private static final int LENGTHS = 4;

    private final ArrayDeque<byte[]> newestFirst = new ArrayDeque<>();

    /**
     * An array, with what was last in it.
     *
     * @param bytes its length
     * @return an array that was given before, if there is one of that length among the last
     */
    @Override
    public byte[] apply(int bytes) {
        if (bytes < LEAST_BYTES) {
            return new byte[bytes];
        }
        byte[] array = take(bytes);
        newestFirst.addFirst(array);
        if (newestFirst.size() > LENGTHS) {
            newestFirst.removeLast();
        }
        return array;
    }

    private byte[] take(int bytes) {
        for (Iterator<byte[]> known = newestFirst.iterator(); known.hasNext(); ) {
            byte[] array = known.next();
            if (array.length == bytes) {
                known.remove();
                return array;
            }
        }
        return new byte[bytes];
    }
}
