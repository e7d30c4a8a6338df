package dev.weir.cli.demo;

import java.util.List;
import java.util.Locale;

/** The demo's model and what it maintains. */
final class DemoPlan {
    static final String MODEL = "digits";
    /** The channel by which release 1 goes into service. */
    static final String RELEASE = "release";
    /** Channels of release 2, in the order in which they are shown. */
    static final List<String> CHANNELS = List.of(DemoState.RAW, DemoState.EMA, "ema-0.97", "swa", DemoState.BCWI);

    private DemoPlan() {}

    /** While there is release 1 alone. */
    static String release1() {
        return "{model: %s, channels: [{name: %s, operator: ema, settings: {decay: 0}}]}".formatted(MODEL, RELEASE);
    }

    /**
     * From the first checkpoint of release 2 on. An EMA of decay 0 is the checkpoint itself.
     *
     * @param floor accuracy below which nothing is promoted
     * @param switchSteps trainers go on from ema-0.9 after every so many steps; 0: never
     */
    static String release2(double floor, int switchSteps) {
        String feedback = switchSteps == 0 ? "" : ", feedback-steps: " + switchSteps;
        return String.format(Locale.ROOT, """
                model: %s
                channels:
                  - {name: raw, operator: ema, settings: {decay: 0}, retain: 100000}
                  - {name: ema-0.9, operator: ema, settings: {decay: 0.9}, retain: 100000%s}
                  - {name: ema-0.97, operator: ema, settings: {decay: 0.97}, retain: 100000}
                  - {name: swa, operator: swa, retain: 100000}
                  - {name: bcwi, operator: bcwi, settings: {from: ema-0.9, new-weight: 0.7, keep-baseline: true}, retain: 100000}
                gate: {channels: [bcwi], max-nfr: 0.03, confidence: 0.95, min-accuracy: %s}
                """, MODEL, feedback, floor);
    }
}
