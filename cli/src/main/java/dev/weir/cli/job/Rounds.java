package dev.weir.cli.job;

import dev.weir.cli.WeirException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which versions a round takes: those that one trainer step made in every source. A round is settled once every source has
 * reached its step, so that nothing depends on which source is ahead; rounds come in the order of their steps.
 */
public final class Rounds {

    private final List<Source> models;
    private final List<Source> sides;
    private final int last;
    private final Map<Source.Channel, Versions> channels = new HashMap<>();

    /**
     * Rounds before anything is known.
     *
     * @param models where models come from, in order; at least one of them a run
     * @param sides where their second files come from, one each, or none
     * @param last how many versions of a run a round takes: the one of its step, and those before it
     */
    public Rounds(List<Source> models, List<Source> sides, int last) {
        this.models = List.copyOf(models);
        this.sides = List.copyOf(sides);
        this.last = last;
        all().forEach(source -> channels.put(source.channel(), new Versions()));
    }

    /** The channels whose versions it must be told of. */
    public Set<Source.Channel> channels() {
        return Set.copyOf(channels.keySet());
    }

    /** A version of one of the channels is complete, made by that checkpoint. */
    public void complete(Source.Channel channel, long version, String run, long step) {
        of(channel).complete(version, run, step);
    }

    /** A version of one of the channels is no longer kept. */
    public void retired(Source.Channel channel, long version) {
        of(channel).retired(version);
    }

    /**
     * What comes next.
     *
     * @param after step of the round before; -1: there was none
     * @throws WeirException if a version that every round takes is gone
     */
    public Round next(long after) {
        for (Source source : all().filter(Source::fixed).toList()) {
            Versions versions = of(source.channel());
            if (!versions.kept(source.version())) {
                if (versions.past(source.version())) {
                    throw new WeirException(
                            source.toString(),
                            "is no longer kept, and every round takes it",
                            "",
                            "name a version that is; `retain` in the plan says how many are kept");
                }
                return new Round.Waiting(source.toString());
            }
        }
        long settled = after;
        while (true) {
            OptionalLong step = step(settled);
            if (step.isEmpty()) {
                return new Round.Waiting(settled < 0 ? "a checkpoint" : "a checkpoint after step " + settled);
            }
            Source behind = behind(step.getAsLong());
            if (behind != null) {
                return new Round.Waiting("step " + step.getAsLong() + " of " + behind);
            }
            Round.Settled round = settled(step.getAsLong(), after);
            if (round != null) {
                return round;
            }
            settled = step.getAsLong();
        }
    }

    /** The round of a step that every source has reached; null where a run has not got as many versions yet. */
    private Round.@Nullable Settled settled(long step, long after) {
        long unseen = all().filter(source -> !source.fixed())
                .distinct()
                .mapToLong(source -> of(source.channel()).unseen(source.run(), after, step))
                .sum();
        try {
            List<List<Round.Input>> windows = new ArrayList<>();
            for (Source model : models) {
                windows.add(window(model, step));
            }
            if (windows.stream().anyMatch(List::isEmpty)) {
                return null;
            }
            List<Round.Input> beside = new ArrayList<>();
            for (int i = 0; i < sides.size(); i++) {
                for (Round.Input model : windows.get(i)) {
                    beside.add(at(sides.get(i), models.get(i).fixed() ? step : model.step()));
                }
            }
            return new Round.Ready(step, windows.stream().flatMap(List::stream).toList(), beside, unseen);
        } catch (Missing missing) {
            return new Round.Skipped(step, String.valueOf(missing.getMessage()), unseen);
        }
    }

    /** What a round takes of a source; empty where its run has only begun. */
    private List<Round.Input> window(Source source, long step) throws Missing {
        Round.Input newest = at(source, step);
        if (source.fixed() || last == 1) {
            return List.of(newest);
        }
        Versions versions = of(source.channel());
        List<Long> window = versions.newest(source.run(), step, last);
        // A run that seems to have only begun may have begun before what the log still tells of.
        long before = window.size() < last ? 0 : window.getFirst();
        if (versions.unseen(before, newest.version()) > 0) {
            throw new Missing("not all of the " + last + " versions up to " + newest + " are kept");
        }
        if (window.size() < last) {
            return List.of();
        }
        List<Round.Input> inputs = new ArrayList<>();
        for (long version : window) {
            inputs.add(at(source, versions.step(version)));
        }
        return inputs;
    }

    private Round.Input at(Source source, long step) throws Missing {
        Versions versions = of(source.channel());
        if (source.fixed()) {
            return new Round.Input(source.channel(), source.version(), versions.step(source.version()));
        }
        Long version = versions.at(source.run(), step);
        if (version == null) {
            throw new Missing(source + " has no version of step " + step);
        }
        Round.Input input = new Round.Input(source.channel(), version, step);
        if (!versions.kept(version)) {
            throw new Missing(input + " is no longer kept");
        }
        return input;
    }

    private OptionalLong step(long after) {
        return all().filter(source -> !source.fixed())
                .map(source -> of(source.channel()).next(source.run(), after))
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .min();
    }

    private @Nullable Source behind(long step) {
        return all().filter(source -> !source.fixed() && !of(source.channel()).reached(source.run(), step))
                .findFirst()
                .orElse(null);
    }

    private Versions of(Source.Channel channel) {
        return Objects.requireNonNull(channels.get(channel));
    }

    private Stream<Source> all() {
        return Stream.concat(models.stream(), sides.stream());
    }

    /** A version that a round would take and that is not there. */
    private static final class Missing extends Exception {
        private static final long serialVersionUID = 1;

        Missing(String reason) {
            super(reason);
        }
    }
}
