package dev.weir.operators;

import dev.weir.operators.shape.Shape;
import java.util.List;

/**
 * One way to combine checkpoints. An operator is a pure function in two parts: {@link #step} turns scalar state and a
 * checkpoint into coefficients, once a checkpoint; its {@link #shape} applies the coefficients to every chunk.
 */
public sealed interface Operator
        permits Aswa,
                Bcwi,
                CottaRestore,
                Ema,
                FisherMerging,
                Fusing,
                GradientMatching,
                Kalman,
                Lawa,
                ModelStock,
                Naswa,
                OnlineEnsemble,
                PowerEma,
                Ratatouille,
                ScheduleFree,
                SearchChannel,
                Sma,
                SparseSoup,
                Swa,
                Swag,
                SwitchEma,
                UniformSoup,
                WeightCentre,
                WindowedSwa {
    /** The shape that holds the state and does the arithmetic. */
    Shape shape();

    /** What it reads of each checkpoint besides weights; {@link #step} is asked only where all of it is there and in range. */
    default List<Input> inputs() {
        return List.of();
    }

    /**
     * The companion that it reads of each checkpoint, tensors of a number for each element; empty: none. {@link #step} is asked
     * only where the checkpoint has it, with its {@link CompanionSums}, on which whether it enters does not depend.
     */
    default String companion() {
        return "";
    }

    /** What the checkpoint does; deterministic in its arguments alone. */
    Step step(Progress progress, Checkpoint checkpoint);

    /**
     * As above, of a checkpoint whose chunks were reduced before (K4), as {@link Shape#reductions} asks once a first one has
     * entered. It may pass by for what the sums say where the operator {@link #selects}.
     */
    default Step step(Progress progress, Checkpoint checkpoint, Sums sums) {
        return step(progress, checkpoint);
    }

    /** Whether sums over tensors decide which checkpoints enter, so that nobody knows without the weights. */
    default boolean selects() {
        return false;
    }

    /**
     * Whether what has entered so far is a version for others.
     *
     * @param next the state after a checkpoint that entered
     */
    default boolean emits(Progress next) {
        return true;
    }

    /** Whether the first checkpoint is the model from which the others were trained. */
    default boolean beginsWithBase() {
        return false;
    }
}
