package dev.weir.operators.flip;

/**
 * Examples without a label: all that shows is whether the predicted class changed. A commutative monoid.
 *
 * @param examples how many
 * @param changed of these, predicted classes that changed
 */
public record Changes(long examples, long changed) {

    public static final Changes ZERO = new Changes(0, 0);

    public Changes {
        if (changed < 0 || changed > examples) {
            throw new IllegalArgumentException(
                    "changes: " + changed + " of " + examples + "; allowed: 0 to " + Math.max(0, examples));
        }
    }

    /** The counts of one example. */
    public static Changes of(int oldPrediction, int newPrediction) {
        return new Changes(1, oldPrediction == newPrediction ? 0 : 1);
    }

    /** The counts of both. */
    public Changes plus(Changes other) {
        return new Changes(Math.addExact(examples, other.examples), Math.addExact(changed, other.changed));
    }

    /** Churn: predicted classes that changed. */
    public Proportion churn() {
        return new Proportion(changed, examples);
    }
}
