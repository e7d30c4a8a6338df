package dev.weir.topology.compatibility;

import dev.weir.schemas.record.ChannelStandings;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.SideInput;

/** Where the fold over evaluations puts what it has to say. */
interface EvaluationOutput {
    /** Says nothing: for restoring. */
    EvaluationOutput NONE = new EvaluationOutput() {
        @Override
        public boolean says() {
            return false;
        }

        @Override
        public void compatibility(Compatibility compatibility) {}

        @Override
        public void standings(ChannelStandings standings) {}

        @Override
        public void score(SideInput input) {}

        @Override
        public void promotion(Promotion promotion) {}

        @Override
        public void dropped(String reason, String detail) {}
    };

    /** Whether comparisons and standings are wanted at all. */
    default boolean says() {
        return true;
    }

    void compatibility(Compatibility compatibility);

    void promotion(Promotion promotion);

    /** How the newest versions stand after an evaluation, or with another baseline. */
    void standings(ChannelStandings standings);

    /** The score of a candidate of a search. */
    void score(SideInput input);

    /** The record, or a prediction in it, was not used; counted by reason already. */
    void dropped(String reason, String detail);
}
