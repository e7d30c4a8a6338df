package dev.weir.topology.compatibility;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A class for each of some examples, by their numbers. Numbers that are near one another, as those of one set of examples are,
 * lie in an array from the lowest to the highest, four bytes each; others in an open-addressed table. What it takes goes by how
 * many there are, not by how high their numbers are.
 */
final class PredictedClasses {
    private static final int NONE = -1;
    private static final int SMALLEST = 64;

    /** An array may have so many places for each example before it becomes a table. */
    private static final int SPARSE = 8;

    /** A table becomes an array where that has so many places for each example at most. */
    private static final int DENSE = 4;

    /** Of the array: the number that its first place is for. */
    private int first;
    /** The array, or the classes of the table. */
    private int[] classes = new int[0];
    /** Numbers of the table; empty: it is an array. */
    private int[] keys = new int[0];

    private int lowest = Integer.MAX_VALUE;
    private int highest = -1;
    private int count;

    /** The class of an example, from 0; -1: there is none. */
    int get(int example) {
        if (keys.length > 0) {
            return classes[slot(keys, example)];
        }
        int at = example - first;
        return at >= 0 && at < classes.length ? classes[at] : NONE;
    }

    /** Puts the class, from 0, of an example that has none. */
    void put(int example, int predicted) {
        lowest = Math.min(lowest, example);
        highest = Math.max(highest, example);
        count++;
        if (keys.length == 0) {
            int at = example - first;
            if (at >= 0 && at < classes.length) {
                classes[at] = predicted;
                return;
            }
            if (span() <= Math.max(SMALLEST, (long) SPARSE * count)) {
                array();
                classes[example - first] = predicted;
                return;
            }
            table();
        } else if (3L * count > 2L * keys.length) {
            if (span() <= (long) DENSE * count) {
                array();
                classes[example - first] = predicted;
                return;
            }
            table();
        }
        int slot = slot(keys, example);
        keys[slot] = example;
        classes[slot] = predicted;
    }

    /** Numbers of the examples, ascending. */
    IntStream examples() {
        return keys.length > 0
                ? Arrays.stream(keys).filter(key -> key != NONE).sorted()
                : IntStream.range(0, classes.length)
                        .filter(at -> classes[at] != NONE)
                        .map(at -> first + at);
    }

    /** Places that are held, used or not, of four bytes each. */
    long places() {
        return (long) classes.length + keys.length;
    }

    private long span() {
        return (long) highest - lowest + 1;
    }

    /** Makes it an array from the lowest to the highest, with room in the direction in which it grew. */
    private void array() {
        int length = (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(SMALLEST, span() * 3 / 2));
        boolean down = keys.length == 0 && classes.length > 0 && lowest < first;
        int from = down ? (int) Math.max(0, highest + 1L - length) : lowest;
        int[] next = filled(length);
        examples().forEach(example -> next[example - from] = get(example));
        first = from;
        classes = next;
        keys = new int[0];
    }

    /** Makes it a table, or a larger one. */
    private void table() {
        int length = Math.max(SMALLEST, Integer.highestOneBit(count) * 4);
        int[] nextKeys = filled(length);
        int[] next = filled(length);
        examples().forEach(example -> {
            int slot = slot(nextKeys, example);
            nextKeys[slot] = example;
            next[slot] = get(example);
        });
        keys = nextKeys;
        classes = next;
        first = 0;
    }

    /** Where a number is in a table, or where it would be put. */
    private static int slot(int[] keys, int example) {
        int mask = keys.length - 1;
        int spread = example * 0x9E3779B9;
        int slot = (spread ^ (spread >>> 15)) & mask;
        while (keys[slot] != NONE && keys[slot] != example) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private static int[] filled(int length) {
        int[] array = new int[length];
        Arrays.fill(array, NONE);
        return array;
    }
}
