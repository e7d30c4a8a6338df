package dev.weir.schemas.wire;

import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionVerdict;

/** What the verdicts on candidates do to the baseline. */
public final class BaselineMoves {
    private BaselineMoves() {}

    /** Whether a verdict moves the baseline to its subject; a promotion of what was in service already does not. */
    public static boolean by(Promotion promotion) {
        return (promotion.getVerdict() == PromotionVerdict.PROMOTED
                        || promotion.getVerdict() == PromotionVerdict.ROLLED_BACK)
                && !promotion.getSubject().equals(promotion.getBaseline());
    }
}
