package dev.weir.clients.evaluate;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Counts ids, each once. Kept of an id are 127 bits of its SHA-256, in 32 to 64 bytes; that two
 * of a billion ids share them has a probability below 1e-20.
 */
final class IdSet {

    private static final int FIRST_SLOTS = 1024;

    private final MessageDigest sha256;
    private long[] high = new long[FIRST_SLOTS];
    private long[] low = new long[FIRST_SLOTS];
    private int size;

    IdSet() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** False if the id was there. */
    boolean add(String id) {
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest(id.getBytes(StandardCharsets.UTF_8)));
        long first = digest.getLong();
        // Zero marks a free slot.
        long second = Math.max(1, digest.getLong() & Long.MAX_VALUE);
        int slot = slot(first, second);
        if (low[slot] != 0) {
            return false;
        }
        high[slot] = first;
        low[slot] = second;
        size++;
        if (size > low.length / 2) {
            grow();
        }
        return true;
    }

    int size() {
        return size;
    }

    private int slot(long first, long second) {
        int mask = low.length - 1;
        int slot = (int) first & mask;
        while (low[slot] != 0 && (low[slot] != second || high[slot] != first)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldHigh = high;
        long[] oldLow = low;
        high = new long[oldHigh.length * 2];
        low = new long[oldLow.length * 2];
        for (int i = 0; i < oldLow.length; i++) {
            if (oldLow[i] != 0) {
                int slot = slot(oldHigh[i], oldLow[i]);
                high[slot] = oldHigh[i];
                low[slot] = oldLow[i];
            }
        }
    }
}
