package dev.weir.topology.compatibility;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The examples that were ever predicted, numbered in log order: 16 bytes of SHA-256 of the id, the label and the slices of
 * each, in flat arrays; some 40 bytes an example whatever the length of its id. Two ids with the same 128 bits would be
 * taken for one: with a million examples the odds are below 1e-26.
 */
final class Examples {
    static final int NO_LABEL = -1;

    private final MessageDigest sha256;
    private final List<List<String>> sliceSets = new ArrayList<>(List.of(List.of()));
    private final Map<String, Integer> sliceSetNumbers = new HashMap<>();
    private long[] highs = new long[1024];
    private long[] lows = new long[1024];
    private int[] slots = filled(2048, -1);
    private int[] labels = filled(1024, NO_LABEL);
    private int[] slices = new int[1024];
    private int count;
    private long revision;

    Examples() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Number of the example; a new id gets the next one. */
    int number(String id) {
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest(id.getBytes(StandardCharsets.UTF_8)));
        long high = digest.getLong();
        long low = digest.getLong();
        int mask = slots.length - 1;
        int slot = (int) high & mask;
        while (slots[slot] >= 0) {
            int number = slots[slot];
            if (highs[number] == high && lows[number] == low) {
                return number;
            }
            slot = (slot + 1) & mask;
        }
        return add(high, low, slot);
    }

    int count() {
        return count;
    }

    /** Changes with what is known of any example. */
    long revision() {
        return revision;
    }

    int label(int number) {
        return labels[number];
    }

    List<String> slices(int number) {
        return sliceSets.get(slices[number]);
    }

    /**
     * Takes what a prediction says of its example; the first label and the first slices stay.
     *
     * @return false when it contradicts the label that is known
     */
    boolean describe(int number, int label, String joinedSlices) {
        if (!joinedSlices.isEmpty() && slices[number] == 0) {
            revision++;
            slices[number] = sliceSetNumbers.computeIfAbsent(joinedSlices, joined -> {
                sliceSets.add(List.of(joined.split(";")));
                return sliceSets.size() - 1;
            });
        }
        if (label == NO_LABEL) {
            return true;
        }
        if (labels[number] == NO_LABEL) {
            revision++;
            labels[number] = label;
        }
        return labels[number] == label;
    }

    private int add(long high, long low, int slot) {
        if (count == highs.length) {
            highs = Arrays.copyOf(highs, 2 * count);
            lows = Arrays.copyOf(lows, 2 * count);
            slices = Arrays.copyOf(slices, 2 * count);
            labels = Arrays.copyOf(labels, 2 * count);
            Arrays.fill(labels, count, labels.length, NO_LABEL);
        }
        highs[count] = high;
        lows[count] = low;
        slots[slot] = count;
        count++;
        if (2 * count > slots.length) {
            rehash();
        }
        return count - 1;
    }

    private void rehash() {
        int[] larger = filled(2 * slots.length, -1);
        for (int number = 0; number < count; number++) {
            int slot = (int) highs[number] & (larger.length - 1);
            while (larger[slot] >= 0) {
                slot = (slot + 1) & (larger.length - 1);
            }
            larger[slot] = number;
        }
        slots = larger;
    }

    private static int[] filled(int length, int value) {
        int[] array = new int[length];
        Arrays.fill(array, value);
        return array;
    }
}
