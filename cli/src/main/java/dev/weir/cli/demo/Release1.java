package dev.weir.cli.demo;

import java.util.Arrays;

/** The model in service when the demo starts: trained on few digits, all labelled right. */
final class Release1 {

    static final int ROWS = 300;
    static final int STEPS = 600;
    static final int BATCH = 8;
    static final float RATE = 0.1f;

    private Release1() {}

    /** The rows that it is trained on. */
    static TrainingSet data(Digits digits, long seed) {
        int[] rows = digits.trainable();
        Draws.of(seed, Draws.Purpose.RELEASE_1_ROWS).shuffle(rows);
        return TrainingSet.of(digits, Arrays.copyOf(rows, ROWS));
    }

    /** Its weights. */
    static Mlp train(Digits digits, long seed) {
        TrainingSet data = data(digits, seed);
        Batches batches = new Batches(data.rows(), BATCH, Draws.of(seed, Draws.Purpose.RELEASE_1_ORDER));
        Mlp start = Mlp.initial(Draws.of(seed, Draws.Purpose.RELEASE_1_WEIGHTS));
        return new Trainer(start, data, batches, RATE, STEPS).next().weights();
    }
}
