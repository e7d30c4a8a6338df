package dev.weir.operators.merge;

import java.util.List;

/** Every operator that merges models that are all at hand. */
public final class Merges {
    private static final List<MergeSpec> ALL = List.of(
            PostHocEma.SPEC,
            ScheduleFreeX.SPEC,
            Lcsc.SPEC,
            Swad.SPEC,
            GreedySoup.SPEC,
            LearnedSoup.SPEC,
            GreedySoup.DIWA,
            WiseFt.SPEC,
            WiseFtFisher.SPEC,
            FisherBcwi.SPEC,
            SoupBcwi.SPEC,
            Swamp.SPEC,
            RobustSignatures.SPEC,
            LayerWise.SPEC,
            WeightEnsemblingMoe.SPEC,
            Tinting.SPEC,
            MoErging.SPEC,
            MoeReduction.SPEC);

    private Merges() {}

    public static List<MergeSpec> all() {
        return ALL;
    }
}
