package dev.weir.topology.plan;

import dev.weir.operators.Bcwi;
import dev.weir.operators.SearchChannel;
import dev.weir.operators.TensorPolicy;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What to maintain for a model.
 *
 * @param model name of the model; also the beginning of its topics' names
 * @param channels the averages, in the order in which they are folded and emitted
 * @param tensors policies by tensor name, the first rule that matches counts
 * @param gate the rule that promotes or holds candidates; null: nothing is promoted but by hand
 * @param inputWaitMs how long a complete checkpoint waits for the side inputs that its channels read, 0 to 7 days
 * @param scoreWaitMs how long a search waits for the scores of the candidates that it named together, 1 ms to 7 days;
 *     {@link #FOR_EVER}: until they are there
 */
public record Plan(
        String model,
        List<ChannelPlan> channels,
        List<TensorPolicy.Rule> tensors,
        @Nullable GatePlan gate,
        long inputWaitMs,
        long scoreWaitMs) {
    /** The wait when the plan doesn't say. */
    public static final long DEFAULT_INPUT_WAIT_MS = 60_000;

    /** A wait without limit. */
    public static final long FOR_EVER = -1;

    private static final long MAX_WAIT_MS = 7L * 86_400_000;
    private static final Pattern MODEL = Pattern.compile("[a-z0-9][a-z0-9._-]{0,99}");

    public Plan {
        if (!MODEL.matcher(model).matches()) {
            throw new PlanException(
                    "model " + model, "is no model name", "a letter or digit, then up to 99 of a-z 0-9 . _ -");
        }
        if (inputWaitMs < 0 || inputWaitMs > MAX_WAIT_MS) {
            throw new PlanException("input-wait-ms", "is " + inputWaitMs, "a whole number from 0 to " + MAX_WAIT_MS);
        }
        if (scoreWaitMs != FOR_EVER && (scoreWaitMs < 1 || scoreWaitMs > MAX_WAIT_MS)) {
            throw new PlanException(
                    "score-wait-ms",
                    "is " + scoreWaitMs,
                    "a whole number from 1 to " + MAX_WAIT_MS + ", or " + FOR_EVER + " for ever");
        }
        channels = List.copyOf(channels);
        tensors = List.copyOf(tensors);
        if (channels.isEmpty()) {
            throw new PlanException("channels", "there are none", "at least one");
        }
        Set<String> names = new HashSet<>();
        for (ChannelPlan channel : channels) {
            if (!names.add(channel.name())) {
                throw new PlanException("channel " + channel.name(), "stands there twice", "one channel of a name");
            }
        }
        for (ChannelPlan channel : channels) {
            checkSource(channel, channels);
            if (channel.create() instanceof Bcwi
                    && tensors.stream().anyMatch(rule -> rule.policy() == TensorPolicy.SKIP)) {
                throw new PlanException(
                        "channel " + channel.name(),
                        "bcwi needs a baseline with every tensor of the model, and a rule leaves some out",
                        "copy-latest or freeze instead of skip");
            }
        }
        checkFeedback(channels);
        channels.stream()
                .filter(channel -> channel.create() instanceof SearchChannel)
                .forEach(Plan::checkSearch);
        if (gate != null) {
            for (String name : gate.channels()) {
                if (!names.contains(name)) {
                    throw new PlanException(
                            "gate", "channel " + name + " is not in the plan", String.join(", ", names));
                }
            }
        }
    }

    /** A search emits when it asks and when it has chosen. */
    private static void checkSearch(ChannelPlan channel) {
        if (channel.emitEvery() != 1 || channel.feedbackSteps() != 0) {
            throw new PlanException(
                    "channel " + channel.name(),
                    channel.operator() + " has " + (channel.emitEvery() == 1 ? "feedback-steps" : "emit-every"),
                    "neither emit-every nor feedback-steps at a search");
        }
    }

    /** A trainer can go on from one average only, and a mix with the baseline is none. */
    private static void checkFeedback(List<ChannelPlan> channels) {
        List<ChannelPlan> feeding =
                channels.stream().filter(channel -> channel.feedbackSteps() > 0).toList();
        if (feeding.size() > 1) {
            throw new PlanException(
                    "channel " + feeding.get(1).name(),
                    "has feedback-steps, as channel " + feeding.get(0).name() + " has",
                    "feedback-steps at one channel");
        }
        if (!feeding.isEmpty() && feeding.get(0).create() instanceof Bcwi) {
            throw new PlanException(
                    "channel " + feeding.get(0).name(), "bcwi has feedback-steps", "feedback-steps at an average");
        }
    }

    private static void checkSource(ChannelPlan channel, List<ChannelPlan> channels) {
        if (channel.create() instanceof Bcwi bcwi) {
            List<String> sources = channels.stream()
                    .filter(other -> !(other.create() instanceof Bcwi || other.create() instanceof SearchChannel))
                    .map(ChannelPlan::name)
                    .toList();
            if (!sources.contains(bcwi.from())) {
                throw new PlanException(
                        "channel " + channel.name(),
                        bcwi.from().isEmpty()
                                ? "setting from is missing"
                                : "setting from: " + bcwi.from() + " is no average of the plan",
                        "from: one of " + String.join(", ", sources));
            }
        }
    }

    /** The channel of that name. */
    public Optional<ChannelPlan> channel(String name) {
        return channels.stream().filter(channel -> channel.name().equals(name)).findFirst();
    }
}
