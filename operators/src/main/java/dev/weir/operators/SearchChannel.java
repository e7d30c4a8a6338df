package dev.weir.operators;

import dev.weir.operators.merge.Search;
import dev.weir.operators.shape.Stored;
import java.util.List;

/**
 * A channel that holds checkpoints for a search: they take one slot after the other, and pass by while the search runs.
 *
 * @param search what combines them
 */
public record SearchChannel(Search search) implements Operator {
    @Override
    public Stored shape() {
        return new Stored(search.models());
    }

    /** Whether it holds all models of the search, which then runs. */
    public boolean full(Progress progress) {
        return progress.weight() >= search.models();
    }

    /** The progress after the search: the next models are wanted. */
    public Progress begun(Progress progress) {
        return progress.begunAnew();
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        boolean known = search.oncePerRun() && progress.runSteps().containsKey(checkpoint.run());
        if (full(progress) || known) {
            return new Step(progress.skip(checkpoint), List.of());
        }
        // The progress keeps how many slots are taken.
        return new Step(progress.enter(checkpoint, 1), List.of(progress.weight()));
    }
}
