package dev.weir.operators;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The scalar state of an operator: everything that decides its next coefficients, and nothing as large as a weight.
 *
 * @param seen accepted checkpoints so far, whether or not they entered
 * @param updates those that entered
 * @param weight sum of the weights of those that entered, or the one number that the operator keeps instead
 * @param anchor a number of the first checkpoint that the operator measures the others by; 0 where it needs none
 * @param newestStep largest trainer step seen over all runs; -1 before the first
 * @param runSteps newest step of each run
 * @param sums numbers that the operator keeps, of each tensor in the order of the layout or of distances; empty for most
 * @param ancestor from which the first run that entered and said so descends; empty: none said so, or nobody asks
 */
public record Progress(
        long seen,
        long updates,
        double weight,
        double anchor,
        long newestStep,
        Map<String, Long> runSteps,
        List<Double> sums,
        String ancestor) {
    public static final Progress START = new Progress(0, 0, 0, 0, -1, Map.of(), List.of(), "");

    /**
     * @param sums null where a state of before they were there is read
     * @param ancestor null where a state of before it was there is read
     */
    public Progress {
        runSteps = Map.copyOf(runSteps);
        sums = sums == null ? List.of() : List.copyOf(sums);
        ancestor = ancestor == null ? "" : ancestor;
    }

    /** This progress with other numbers. */
    public Progress with(List<Double> newSums) {
        return new Progress(seen, updates, weight, anchor, newestStep, runSteps, newSums, ancestor);
    }

    /** This progress after a checkpoint that does not enter. */
    public Progress skip(Checkpoint checkpoint) {
        return seen(checkpoint, updates, weight);
    }

    /** This progress after a checkpoint that enters with the given weight. */
    public Progress enter(Checkpoint checkpoint, double addedWeight) {
        return seen(checkpoint, updates + 1, weight + addedWeight);
    }

    /** This progress after a checkpoint that enters, for operators that keep another number than a sum of weights. */
    public Progress enterWith(Checkpoint checkpoint, double newWeight) {
        return seen(checkpoint, updates + 1, newWeight);
    }

    /** The same with an anchor. */
    Progress anchored(double number) {
        return new Progress(seen, updates, weight, number, newestStep, runSteps, sums, ancestor);
    }

    /** The same with an ancestor. */
    Progress descending(String from) {
        return new Progress(seen, updates, weight, anchor, newestStep, runSteps, sums, from);
    }

    /** The same with no weight and no runs: what enters from here on counts anew. */
    Progress begunAnew() {
        return new Progress(seen, updates, 0, 0, newestStep, Map.of(), List.of(), ancestor);
    }

    /**
     * Trainer steps that this checkpoint stands for: since the newest one of its own run, or, for the first of a run,
     * those by which it is ahead of every other run. Never negative.
     */
    public long stepsSince(Checkpoint checkpoint) {
        long before = runSteps.getOrDefault(checkpoint.run(), newestStep);
        return Math.max(0, checkpoint.step() - before);
    }

    private Progress seen(Checkpoint checkpoint, long newUpdates, double newWeight) {
        SortedMap<String, Long> steps = new TreeMap<>(runSteps);
        steps.merge(checkpoint.run(), checkpoint.step(), Math::max);
        return new Progress(
                seen + 1,
                newUpdates,
                newWeight,
                anchor,
                Math.max(newestStep, checkpoint.step()),
                steps,
                sums,
                ancestor);
    }
}
