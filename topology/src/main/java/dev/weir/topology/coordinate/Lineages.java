package dev.weir.topology.coordinate;

import dev.weir.operators.Bcwi;
import dev.weir.operators.Operators;
import dev.weir.operators.SearchChannel;
import dev.weir.schemas.record.ChannelUpdate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the channels' versions are made of: which checkpoints entered, and what a version says of itself. */
final class Lineages {
    private final StateStore store;
    private final ChannelBook channels;
    private final Baselines baselines;

    Lineages(StateStore store, ChannelBook channels, Baselines baselines) {
        this.store = store;
        this.channels = channels;
        this.baselines = baselines;
    }

    /** Settings of the version that this update emits; of a search, with the weight that it tries. */
    Map<String, String> settings(ChannelUpdate update) {
        State.Channel channel = channels.channel(update.getChannel());
        Map<String, String> settings = new TreeMap<>(channel.settings());
        if (Operators.create(channel.operator(), channel.settings()) instanceof Bcwi) {
            settings.put("new-weight", Double.toString(update.getCoefficients().get(0)));
        }
        return settings;
    }

    /** Whose ingredients the version that this update emits has. */
    State.Lineage lineageOf(ChannelUpdate update) {
        State.Channel own = channels.channel(update.getChannel());
        if (Operators.create(own.operator(), own.settings()) instanceof Bcwi bcwi) {
            State.Channel source = channels.channel(bcwi.from());
            State.Pinned pinned = baselines.pinned();
            return new State.Lineage(
                    bcwi.from(),
                    source.operator(),
                    source.settings(),
                    source.generation(),
                    update.getCoefficients().get(0),
                    pinned == null ? null : pinned.pin(),
                    List.of(),
                    pinned);
        }
        List<Double> combination = Operators.create(own.operator(), own.settings()) instanceof SearchChannel
                ? update.getCoefficients()
                : List.of();
        return new State.Lineage(
                ChannelBook.base(update.getChannel()),
                own.operator(),
                own.settings(),
                own.generation(),
                1,
                null,
                combination,
                null);
    }

    /** Checkpoints that went into a generation of a channel up to a decision, oldest first; the newest 10,000. */
    List<State.Entered> entered(String channel, long generation, long upToSeq) {
        return store.values(key(channel, generation), State.Entered.class).stream()
                .filter(entered -> entered.seq() <= upToSeq)
                .toList();
    }

    /** Checkpoints that entered a generation and are no longer listed; 0 once the channel has begun another. */
    long forgotten(String channel, long generation) {
        State.Channel state = channels.channel(channel);
        if (state.generation() != generation) {
            return 0;
        }
        return state.progress().updates() - store.keys(key(channel, generation)).size();
    }

    /** Under which the checkpoints of a generation are kept. */
    static String key(String channel, long generation) {
        return "lineage/" + channel + "/" + StateStore.number(generation) + "/";
    }
}
