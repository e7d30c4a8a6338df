package dev.weir.cli.demo;

/**
 * Mini-batches without end: the rows in random order, and when none is left, all of them again in another. A batch may
 * hold the last rows of one order and the first of the next. Not thread-safe.
 */
final class Batches {

    private final int[] rows;
    private final int size;
    private final Draws draws;
    private int next;

    Batches(int[] rows, int size, Draws draws) {
        this.rows = rows.clone();
        this.size = size;
        this.draws = draws;
        this.next = rows.length;
    }

    int[] next() {
        int[] batch = new int[size];
        for (int i = 0; i < size; i++) {
            if (next == rows.length) {
                draws.shuffle(rows);
                next = 0;
            }
            batch[i] = rows[next++];
        }
        return batch;
    }
}
