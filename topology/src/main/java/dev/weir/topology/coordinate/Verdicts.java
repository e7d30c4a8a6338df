package dev.weir.topology.coordinate;

import dev.weir.schemas.record.Combination;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Feedback;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.SearchProposal;

/** Where the coordinator puts what it decides. */
interface Verdicts {
    /** To every partition of deltas and to decisions. */
    void decision(Decision decision);

    /** An accepted plan: to every partition of deltas, to plans and to decisions. */
    void plan(Plan plan);

    /** The answer to a proposal that changes nothing or is refused: to decisions alone. */
    void answer(Plan plan);

    /** A version whose merged chunks are all committed: its content digest is wanted. */
    void seal(SealJob job);

    /** A version is no longer kept: its manifest goes from snapshots; a digest that is wanted of it is wanted no more. */
    void retired(String channel, long version);

    /** A search: to predictions, where the evaluations are. */
    void search(SearchProposal proposal);

    /** A baseline whose weights are to be published into deltas, as a checkpoint of run {@code @baseline}. */
    void pin(State.Pin baseline);

    /** A combination to emit: to every partition of deltas and to decisions. */
    void combination(Combination combination);

    /** A trainer goes on from a version: to feedback. */
    void feedback(Feedback feedback);

    /** What the coordinator was told is not used; it is counted and goes to dlq. */
    void dropped(String reason, String detail);

    /** A complete version. */
    void manifest(Manifest manifest);
}
