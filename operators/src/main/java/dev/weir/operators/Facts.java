package dev.weir.operators;

import java.util.List;

/**
 * What a page says of an operator beside its settings.
 *
 * @param shape its kernel shape, K1 to K9, in words
 * @param formula what it computes
 * @param inputs what it needs: checkpoints, and whatever else
 * @param feedback whether the method sends weights back to trainers
 * @param cost what must be known before an element can be computed
 * @param use when to use it, and what is not its own part of the method
 */
public record Facts(String shape, String formula, List<String> inputs, boolean feedback, Cost cost, String use) {
    /** All that most operators need. */
    public static final List<String> CHECKPOINTS = List.of("checkpoints");

    public Facts {
        inputs = List.copyOf(inputs);
    }

    /** Of an operator that needs nothing but checkpoints, element by element, and sends nothing back. */
    public static Facts of(String shape, String formula, String use) {
        return new Facts(shape, formula, CHECKPOINTS, false, Cost.ELEMENT, use);
    }

    /** Of a method that computes with evaluations alone. */
    public static Facts ofEvaluations(String shape, String formula, String input, String use) {
        return new Facts(shape, formula, List.of(input), false, Cost.EVALUATIONS, use);
    }

    /** The same of a method that sends the average back to trainers; sending is theirs. */
    public Facts feedingBack() {
        return new Facts(shape, formula, inputs, true, cost, use);
    }

    /** The same with further inputs. */
    public Facts needing(String... further) {
        List<String> all = new java.util.ArrayList<>(inputs);
        all.addAll(List.of(further));
        return new Facts(shape, formula, all, feedback, cost, use);
    }

    /** The same at another cost than that of elements. */
    public Facts costing(Cost other) {
        return new Facts(shape, formula, inputs, feedback, other, use);
    }
}
