package dev.weir.operators;

import java.util.List;

/**
 * What a page says of an operator beside its settings.
 *
 * @param shape its kernel shape, K1 to K9, in words
 * @param formula what it computes
 * @param inputs what it needs: checkpoints, and whatever else
 * @param feedback whether the method sends weights back to trainers
 * @param use when to use it, and what is not its own part of the method
 */
public record Facts(String shape, String formula, List<String> inputs, boolean feedback, String use) {
    /** All that most operators need. */
    public static final List<String> CHECKPOINTS = List.of("checkpoints");

    public Facts {
        inputs = List.copyOf(inputs);
    }

    /** Of an operator that needs nothing but checkpoints and sends nothing back. */
    public static Facts of(String shape, String formula, String use) {
        return new Facts(shape, formula, CHECKPOINTS, false, use);
    }

    /** The same of a method that sends the average back to trainers; sending is theirs. */
    public Facts feedingBack() {
        return new Facts(shape, formula, inputs, true, use);
    }

    /** The same with further inputs. */
    public Facts needing(String... further) {
        List<String> all = new java.util.ArrayList<>(inputs);
        all.addAll(List.of(further));
        return new Facts(shape, formula, all, feedback, use);
    }
}
