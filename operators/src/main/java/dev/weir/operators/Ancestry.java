package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.schemas.tensor.Provenance;

/**
 * Which checkpoints may be averaged by what their runs say that they descend from: models of two pre-trained ancestors lie in
 * different basins, and their mean in none. A run that says nothing may enter unless an ancestor is asked for.
 */
final class Ancestry {
    static final Setting SETTING = Setting.text(
            "ancestor",
            "pre-trained model that every run must say it descends from; left out: the one that the first run to say so names,"
                    + " and runs that say nothing enter");

    private Ancestry() {}

    /**
     * Why a checkpoint may not enter: a word, a colon, what exactly; empty: it may.
     *
     * @param required the ancestor that is asked for; empty: none
     */
    static String refusal(String required, Progress progress, Checkpoint checkpoint) {
        String said = checkpoint.provenance().getOrDefault(Provenance.ANCESTOR, "");
        String allowed = required.isEmpty() ? progress.ancestor() : required;
        if (said.isEmpty()) {
            return required.isEmpty()
                    ? ""
                    : "ancestor-unsaid: run " + checkpoint.run()
                            + " does not say from which model it descends; allowed: " + allowed
                            + ", said as provenance " + Provenance.ANCESTOR;
        }
        return allowed.isEmpty() || said.equals(allowed)
                ? ""
                : "ancestor-differs: run " + checkpoint.run() + " descends from " + said + "; allowed: " + allowed;
    }

    /** The progress after a checkpoint that entered, which keeps the first ancestor that was said. */
    static Progress noted(Progress next, Checkpoint checkpoint) {
        String said = checkpoint.provenance().getOrDefault(Provenance.ANCESTOR, "");
        return next.ancestor().isEmpty() && !said.isEmpty() ? next.descending(said) : next;
    }
}
