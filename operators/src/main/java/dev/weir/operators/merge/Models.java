package dev.weir.operators.merge;

import java.util.List;

/**
 * What a merge knows of the models before their elements are combined.
 *
 * @param count how many there are, 1 or more
 * @param steps trainer step of each; empty when nobody said
 * @param tensors names of the tensors that are merged
 * @param grams one for each of these tensors, or none when the merge does not ask for them
 */
public record Models(int count, List<Long> steps, List<String> tensors, List<Gram> grams) {
    public Models {
        steps = List.copyOf(steps);
        tensors = List.copyOf(tensors);
        grams = List.copyOf(grams);
    }

    /** The steps, 1, 2, 3 when nobody said. */
    List<Long> stepsOrNumbers() {
        return steps.isEmpty()
                ? java.util.stream.LongStream.rangeClosed(1, count).boxed().toList()
                : steps;
    }
}
