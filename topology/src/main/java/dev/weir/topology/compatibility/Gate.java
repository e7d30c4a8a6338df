package dev.weir.topology.compatibility;

import dev.weir.operators.flip.FlipCounts;
import dev.weir.operators.flip.Wilson;
import dev.weir.schemas.record.Subject;
import dev.weir.topology.plan.GatePlan;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The gate's rule: promote within the flip budget at the stated confidence and above the score floor, well
 * enough calibrated where that is asked for, else hold. */
record Gate(GatePlan plan) {
    /** A verdict with its reason in words. */
    record Opinion(boolean promote, String reason) {}

    boolean watches(Subject subject) {
        return plan.channels().contains(subject.getChannel());
    }

    Opinion judge(FlipCounts counts, Confidences confidences) {
        if (counts.total() == 0) {
            return new Opinion(false, "no labelled example is common to both evaluations");
        }
        double upper = Wilson.interval(counts.negative(), counts.total(), plan.confidence())
                .upper();
        if (upper > plan.maxNfr()) {
            return new Opinion(false, "negative flip rate may be " + rate(upper) + ", above max-nfr " + plan.maxNfr());
        }
        double accuracy = (double) (counts.bothRight() + counts.positive()) / counts.total();
        if (accuracy < plan.minAccuracy()) {
            return new Opinion(false, "accuracy " + rate(accuracy) + " is below min-accuracy " + plan.minAccuracy());
        }
        if (plan.maxEce() < GatePlan.ANY_ECE) {
            if (confidences.examples() < counts.total()) {
                return new Opinion(
                        false,
                        confidences.examples()
                                + " predictions came with probabilities and behind their labels; max-ece needs"
                                + " those of all " + counts.total());
            }
            if (confidences.error() > plan.maxEce()) {
                return new Opinion(
                        false,
                        "expected calibration error " + rate(confidences.error()) + " is above max-ece "
                                + plan.maxEce());
            }
        }
        return new Opinion(true, "negative flip rate is at most " + rate(upper) + " and accuracy " + rate(accuracy));
    }

    private static String rate(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    /** The rule, for the record. */
    Map<String, Object> rule() {
        Map<String, Object> rule = new LinkedHashMap<>();
        boolean calibrated = plan.maxEce() < GatePlan.ANY_ECE;
        rule.put(
                "rule",
                "upper Wilson bound of the negative flip rate, and a score floor"
                        + (calibrated ? ", and an upper bound of the calibration error" : ""));
        rule.put("maxNfr", plan.maxNfr());
        rule.put("confidence", plan.confidence());
        rule.put("minAccuracy", plan.minAccuracy());
        if (calibrated) {
            rule.put("maxEce", plan.maxEce());
        }
        return rule;
    }
}
