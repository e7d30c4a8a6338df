package dev.weir.cli.demo;

/** Trains a model, a checkpoint at a time. Equal arguments give equal bits. Not thread-safe. */
final class Trainer {

    /**
     * What a trainer has reached.
     *
     * @param step steps taken so far
     * @param weights those after that step
     */
    record Checkpoint(long step, Mlp weights) {}

    private final TrainingSet data;
    private final Batches batches;
    private final Sgd sgd;
    private final int stepsPerCheckpoint;
    private long step;

    Trainer(Mlp start, TrainingSet data, Batches batches, float rate, int stepsPerCheckpoint) {
        this.data = data;
        this.batches = batches;
        this.sgd = new Sgd(start, rate);
        this.stepsPerCheckpoint = stepsPerCheckpoint;
    }

    /** Goes on from other weights, with the batches and the step that it is at. */
    void replace(Mlp weights) {
        sgd.replace(weights);
    }

    /** The weights as they are now. */
    Mlp weights() {
        return sgd.weights();
    }

    /** Trains on to the next checkpoint. */
    Checkpoint next() {
        for (int i = 0; i < stepsPerCheckpoint; i++) {
            sgd.step(data, batches.next());
        }
        step += stepsPerCheckpoint;
        return new Checkpoint(step, sgd.weights());
    }
}
