package dev.weir.cli.demo;

import java.util.SplittableRandom;

/** Everything random in the demo: one independent stream for each purpose, all from one seed. Not thread-safe. */
final class Draws {

    /** What a stream is for; its place in this list is part of what a seed means. */
    enum Purpose {
        RELEASE_1_ROWS,
        RELEASE_1_WEIGHTS,
        RELEASE_1_ORDER,
        WRONG_LABELS,
        /** The order of the first trainer; each further one has the next stream. */
        TRAINER_ORDER
    }

    private final SplittableRandom random;

    private Draws(SplittableRandom random) {
        this.random = random;
    }

    static Draws of(long seed, Purpose purpose) {
        return stream(seed, purpose.ordinal());
    }

    /** @param trainer its number, from 0 */
    static Draws ofTrainer(long seed, int trainer) {
        return stream(seed, Purpose.TRAINER_ORDER.ordinal() + trainer);
    }

    private static Draws stream(long seed, int number) {
        SplittableRandom root = new SplittableRandom(seed);
        for (int i = 0; i < number; i++) {
            root.split();
        }
        return new Draws(root.split());
    }

    /** A whole number from 0 to below the bound. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    /** A number from -bound to below bound, of 24 random bits. */
    float within(float bound) {
        return ((random.nextInt() >>> 8) * 0x1p-23f - 1) * bound;
    }

    /** Shuffles in place, as Fisher and Yates do. */
    void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = below(i + 1);
            int moved = values[i];
            values[i] = values[j];
            values[j] = moved;
        }
    }
}
