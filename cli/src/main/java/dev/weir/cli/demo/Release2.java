package dev.weir.cli.demo;

/**
 * The model that is to follow: trained from release 1's weights, by several trainers that differ in the order of their
 * rows only, on all rows that are not held out; some of their labels are deliberately wrong.
 */
final class Release2 {

    static final double WRONG_SHARE = 0.1;
    static final int BATCH = 8;
    static final float RATE = 0.3f;
    static final int STEPS_PER_CHECKPOINT = 10;

    private Release2() {}

    /** The rows that its trainers train on; the wrong labels are drawn once, for all of them. */
    static TrainingSet data(Digits digits, long seed) {
        int[] rows = digits.trainable();
        int wrong = (int) Math.round(WRONG_SHARE * rows.length);
        return TrainingSet.of(digits, rows).withWrongLabels(wrong, Draws.of(seed, Draws.Purpose.WRONG_LABELS));
    }

    /**
     * A trainer before its first step.
     *
     * @param trainer its number, from 0
     */
    static Trainer trainer(Mlp release1, TrainingSet data, long seed, int trainer) {
        Batches batches = new Batches(data.rows(), BATCH, Draws.ofTrainer(seed, trainer));
        return new Trainer(release1, data, batches, RATE, STEPS_PER_CHECKPOINT);
    }
}
