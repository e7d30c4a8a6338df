package dev.weir.cli.demo;

import java.util.Arrays;

/**
 * Mini-batches without end: the rows in random order, and when too few are left for a batch, all of them again in
 * another. Not thread-safe.
 */
final class Batches {

    private final int[] rows;
    private final int size;
    private final Draws draws;
    private int next;

    /** @throws IllegalArgumentException if there are fewer rows than a batch has */
    Batches(int[] rows, int size, Draws draws) {
        if (size < 1 || size > rows.length) {
            throw new IllegalArgumentException("batches of " + size + " rows, allowed: 1 to " + rows.length);
        }
        this.rows = rows.clone();
        this.size = size;
        this.draws = draws;
        this.next = rows.length;
    }

    int[] next() {
        if (next + size > rows.length) {
            draws.shuffle(rows);
            next = 0;
        }
        int[] batch = Arrays.copyOfRange(rows, next, next + size);
        next += size;
        return batch;
    }
}
