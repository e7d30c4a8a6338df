package dev.weir.topology.plan;

import dev.weir.operators.Operator;
import dev.weir.operators.Operators;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A named average.
 *
 * @param name letters, digits, dots, dashes and underscores, at most 100
 * @param operator name of its operator
 * @param settings the operator's settings as text, in order of their names; those left out keep their defaults
 * @param emitEvery emits after every so many checkpoints that entered, 1 or more
 * @param retain newest versions whose merged chunks are kept, 2 or more
 * @param feedbackSteps a run goes on from this average at the first accepted checkpoint in every so many of its steps; 0: never
 */
public record ChannelPlan(
        String name, String operator, Map<String, String> settings, int emitEvery, int retain, long feedbackSteps) {
    /** Behind the name of a channel: its candidates, versions that a search wants scored. No channel can be called so. */
    public static final String CANDIDATES = "@candidates";

    /** Versions kept when the plan doesn't say. */
    public static final int DEFAULT_RETAIN = 1_000;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    public ChannelPlan {
        if (!NAME.matcher(name).matches()) {
            throw new PlanException(
                    "channel " + name, "is no channel name", "a letter or digit, then up to 99 of A-Z a-z 0-9 . _ -");
        }
        if (emitEvery < 1) {
            throw new PlanException("channel " + name, "emit-every is " + emitEvery, "a whole number from 1");
        }
        if (retain < 2) {
            throw new PlanException("channel " + name, "retain is " + retain, "a whole number from 2");
        }
        if (feedbackSteps < 0) {
            throw new PlanException("channel " + name, "feedback-steps is " + feedbackSteps, "a whole number from 1");
        }
        settings = java.util.Collections.unmodifiableMap(new TreeMap<>(settings));
        try {
            Operators.create(operator, settings);
        } catch (IllegalArgumentException refused) {
            throw new PlanException("channel " + name, refused);
        }
    }

    /** The operator that this channel runs. */
    public Operator create() {
        return Operators.create(operator, settings);
    }

    /**
     * Whether a run goes on from this average after a step.
     *
     * @param before the run's accepted step before; the one before this step where there is none
     */
    public boolean feedsBack(long before, long step) {
        return feedbackSteps > 0 && step / feedbackSteps > before / feedbackSteps;
    }

    /** Whether the state of the other channel can go on as this one's: same operator, same settings. */
    public boolean continues(ChannelPlan other) {
        return name.equals(other.name) && operator.equals(other.operator) && settings.equals(other.settings);
    }
}
