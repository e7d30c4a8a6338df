package dev.weir.operators.choice;

import java.util.Map;

/**
 * A candidate's log loss over a stream of its forecasts, as they are and after online scaling, each example forecast before its
 * outcome is learnt: what is left of the first in the second is what the candidate knows, the rest how well it is calibrated.
 *
 * <p>Source: Gupta and Ramdas, Online Platt Scaling with Calibeating (2023), whose log loss this is.
 */
public final class CalibratedLoss {
    private final OnlinePlatt platt;
    private long examples;
    private double raw;
    private double scaled;
    private double hops;

    /**
     * Of no examples.
     *
     * @param settings of {@link OnlinePlatt}
     */
    public CalibratedLoss(Map<String, ?> settings) {
        platt = new OnlinePlatt(settings);
    }

    /**
     * Adds an example, behind all that came before.
     *
     * @param forecast probability of the outcome, 0 to 1
     * @throws IllegalArgumentException if it is not
     */
    public void add(double forecast, boolean outcome) {
        OnlinePlatt.Forecast next = platt.next(forecast, outcome);
        examples++;
        raw += loss(forecast, outcome);
        scaled += loss(next.scaled(), outcome);
        hops += loss(next.hops(), outcome);
    }

    /** Mean log loss of the forecasts as they are, in nats; NaN without examples. */
    public double raw() {
        return raw / examples;
    }

    /** Mean log loss after online Platt scaling. */
    public double scaled() {
        return scaled / examples;
    }

    /** Mean log loss after hops calibeating on top. */
    public double hops() {
        return hops / examples;
    }

    private static double loss(double forecast, boolean outcome) {
        double p = Math.clamp(forecast, OnlinePlatt.CLIP, 1 - OnlinePlatt.CLIP);
        return -StrictMath.log(outcome ? p : 1 - p);
    }
}
