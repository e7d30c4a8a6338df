package dev.weir.operators;

import java.util.Map;
import java.util.Set;

/**
 * An accepted checkpoint, as the scalar part of an operator sees it.
 *
 * @param seq decision number that accepted it; grows by any amount from one checkpoint to the next
 * @param run the trainer's run
 * @param step the trainer's own step; grows within a run
 * @param inputs side inputs that were joined, by name
 * @param companions names of what came with it
 * @param provenance what its run says that it descends from; see {@link dev.weir.schemas.tensor.Provenance}
 */
public record Checkpoint(
        long seq,
        String run,
        long step,
        Map<String, Double> inputs,
        Set<String> companions,
        Map<String, String> provenance) {
    public Checkpoint {
        inputs = Map.copyOf(inputs);
        companions = Set.copyOf(companions);
        provenance = Map.copyOf(provenance);
        if (step < 0) {
            throw new IllegalArgumentException("checkpoint of run " + run + ": step=" + step + "; allowed: 0 or more");
        }
    }

    /** One without side inputs and companions, of a run that says nothing. */
    public Checkpoint(long seq, String run, long step) {
        this(seq, run, step, Map.of());
    }

    /** One without side inputs and companions. */
    public Checkpoint(long seq, String run, long step, Map<String, String> provenance) {
        this(seq, run, step, Map.of(), Set.of(), provenance);
    }

    /** A side input that the operator declared. */
    public double input(String name) {
        Double value = inputs.get(name);
        if (value == null) {
            throw new IllegalArgumentException("side input " + name + " of step " + step + " of run " + run
                    + " is missing; allowed: inputs of a stream; next: give numbers as a setting offline");
        }
        return value;
    }
}
