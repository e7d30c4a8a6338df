package dev.weir.topology.merge;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * States of a keyframe that nobody has taken over yet. Each contains every decision up to its own number, which may lie
 * behind the point from which the log is folded again; until the fold is there, the decisions that it contains must not
 * enter it a second time. Off the heap, each in an arena of its own.
 */
final class LoadedStates implements AutoCloseable {
    /** One state; closed by whoever takes it over. */
    static final class State implements AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final long seq;
        private final MemorySegment bytes;
        private int parts;
        private long missing;

        State(long seq, long byteSize) {
            this.seq = seq;
            this.bytes = arena.allocate(byteSize, 64);
            this.missing = byteSize;
        }

        /** The newest decision or plan that it contains. */
        long seq() {
            return seq;
        }

        MemorySegment bytes() {
            return bytes;
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    private final Map<String, TreeMap<Integer, State>> channels = new TreeMap<>();

    /**
     * Copies a part of a state; an older state of the same slot is forgotten, a part of an older one ignored.
     *
     * @param stateBytes of the whole state
     * @param firstByte of this part
     * @throws IndexOutOfBoundsException when the part lies outside the state
     */
    void put(Slot slot, long seq, long stateBytes, long firstByte, MemorySegment part) {
        State state = get(slot);
        if (state != null && state.seq > seq) {
            return;
        }
        if (state == null || state.seq < seq || firstByte == 0) {
            remove(slot);
            state = new State(seq, stateBytes);
            channels.computeIfAbsent(slot.channel(), name -> new TreeMap<>()).put(slot.chunk(), state);
        }
        MemorySegment.copy(part, 0, state.bytes, firstByte, part.byteSize());
        state.missing -= part.byteSize();
        state.parts++;
    }

    /** The first slot of whose state parts are missing. */
    Optional<Slot> incomplete() {
        return slots().keySet().stream()
                .filter(slot -> Objects.requireNonNull(get(slot)).missing != 0)
                .findFirst();
    }

    void remove(Slot slot) {
        State state = take(slot);
        if (state != null) {
            state.close();
        }
    }

    /** Forgets the states of all channels that do not contain this decision or plan. */
    void forgetBefore(long seq) {
        Set.copyOf(channels.keySet()).forEach(channel -> forgetBefore(channel, seq));
    }

    /** Forgets a channel's states that do not contain this decision or plan. */
    void forgetBefore(String channel, long seq) {
        TreeMap<Integer, State> states = channels.getOrDefault(channel, new TreeMap<>());
        states.values().removeIf(state -> {
            boolean old = state.seq() < seq;
            if (old) {
                state.close();
            }
            return old;
        });
    }

    /** Whether this slot's state contains this decision already. */
    boolean contains(Slot slot, long seq) {
        State state = get(slot);
        return state != null && state.seq() >= seq;
    }

    /** Hands a state over; null: there is none. */
    @Nullable
    State take(Slot slot) {
        TreeMap<Integer, State> states = channels.get(slot.channel());
        return states == null ? null : states.remove(slot.chunk());
    }

    /** The newest decision or plan that any of them contains; 0: there are none. */
    long newestSeq() {
        return channels.values().stream()
                .flatMap(states -> states.values().stream())
                .mapToLong(State::seq)
                .max()
                .orElse(0);
    }

    /** Slots with state, in order, and how many parts each has. */
    Map<Slot, Integer> slots() {
        Map<Slot, Integer> slots = new TreeMap<>();
        channels.forEach((channel, states) ->
                states.forEach((chunk, state) -> slots.put(new Slot(channel, chunk), state.parts)));
        return slots;
    }

    /** Numbers of the chunks of a channel. */
    Set<Integer> chunks(String channel) {
        TreeMap<Integer, State> states = channels.get(channel);
        return states == null ? Set.of() : new TreeSet<>(states.keySet());
    }

    @Override
    public void close() {
        channels.values().forEach(states -> states.values().forEach(state -> state.close()));
        channels.clear();
    }

    private @Nullable State get(Slot slot) {
        TreeMap<Integer, State> states = channels.get(slot.channel());
        return states == null ? null : states.get(slot.chunk());
    }
}
