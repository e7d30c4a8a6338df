package dev.weir.topology.merge;

import dev.weir.operators.kernel.Slabs;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
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
 * enter it a second time. Off the heap, those of a channel in memory of their own.
 */
final class LoadedStates implements AutoCloseable {
    /** One state. */
    static final class State {
        private final MemorySegment bytes;
        private long seq;
        private int parts;
        private long missing;

        State(MemorySegment bytes) {
            this.bytes = bytes;
        }

        /** The newest decision or plan that it contains. */
        long seq() {
            return seq;
        }

        MemorySegment bytes() {
            return bytes;
        }

        private void begin(long next) {
            seq = next;
            parts = 0;
            missing = bytes.byteSize();
        }
    }

    private final Map<String, TreeMap<Integer, State>> channels = new TreeMap<>();
    /** Also of states that were taken over or forgotten. */
    private final Map<String, Slabs> memories = new HashMap<>();

    /**
     * Where a part of a state is to be copied to; an older state of the same slot is forgotten.
     *
     * @param stateBytes of the whole state
     * @param firstByte of this part
     * @return null: a newer state is known
     * @throws IndexOutOfBoundsException when the part lies outside the state
     */
    @Nullable
    MemorySegment place(Slot slot, long seq, long stateBytes, long firstByte, long partBytes) {
        State known = get(slot);
        if (known != null && known.seq > seq) {
            return null;
        }
        // A topic that was not compacted yet has the states of several keyframes, one over the other.
        State state = known != null && known.bytes.byteSize() == stateBytes
                ? known
                : new State(memory(slot).allocate(stateBytes, 64));
        if (state != known || state.seq < seq || firstByte == 0) {
            state.begin(seq);
            channels.computeIfAbsent(slot.channel(), name -> new TreeMap<>()).put(slot.chunk(), state);
        }
        state.missing -= partBytes;
        state.parts++;
        return state.bytes.asSlice(firstByte, partBytes);
    }

    private Slabs memory(Slot slot) {
        return memories.computeIfAbsent(slot.channel(), name -> new Slabs());
    }

    /** The first slot of whose state parts are missing. */
    Optional<Slot> incomplete() {
        return slots().keySet().stream()
                .filter(slot -> Objects.requireNonNull(get(slot)).missing != 0)
                .findFirst();
    }

    void remove(Slot slot) {
        TreeMap<Integer, State> states = channels.get(slot.channel());
        if (states != null && states.remove(slot.chunk()) != null) {
            closeIfEmpty(slot.channel());
        }
    }

    /** Forgets, before any is taken over, the states of all channels that do not contain this decision or plan. */
    void forgetBefore(long seq) {
        Set.copyOf(channels.keySet()).forEach(channel -> forgetBefore(channel, seq));
    }

    /** Forgets a channel's states that do not contain this decision or plan; nobody may use one that was taken over. */
    void forgetBefore(String channel, long seq) {
        TreeMap<Integer, State> states = channels.get(channel);
        if (states != null) {
            states.values().removeIf(state -> state.seq() < seq);
            closeIfEmpty(channel);
        }
    }

    private void closeIfEmpty(String channel) {
        if (channels.getOrDefault(channel, new TreeMap<>()).isEmpty()) {
            channels.remove(channel);
            Slabs memory = memories.remove(channel);
            if (memory != null) {
                memory.close();
            }
        }
    }

    /** Whether this slot's state contains this decision already. */
    boolean contains(Slot slot, long seq) {
        State state = get(slot);
        return state != null && state.seq() >= seq;
    }

    /** Hands a state over, in memory that stays this one's; null: there is none. */
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

    /** Nobody may look at any state any more, taken over or not. */
    @Override
    public void close() {
        channels.clear();
        memories.values().forEach(Slabs::close);
        memories.clear();
    }

    private @Nullable State get(Slot slot) {
        TreeMap<Integer, State> states = channels.get(slot.channel());
        return states == null ? null : states.get(slot.chunk());
    }
}
